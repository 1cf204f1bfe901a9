// aim: an unsigned sum wraps to an exact value
// options: --int-width 32
int main() {
  unsigned x = 4294967295u;
  x += 2;
  assert(x == 1);
}
