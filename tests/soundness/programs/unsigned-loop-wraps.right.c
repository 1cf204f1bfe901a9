// aim: an unsigned loop variable that jumps over its bound wraps
int main() {
  unsigned i = 0, n = 0;
  while (i < 7) {
    i += 2;
    n++;
    assert(i <= 8);
  }
}
