// aim: doubling an unsigned number ends at zero
// options: --int-width 32
int main() {
  unsigned x = 1;
  int n = 0;
  while (x != 0) {
    x = x * 2;
    n++;
    assert(n <= 31);
  }
}
