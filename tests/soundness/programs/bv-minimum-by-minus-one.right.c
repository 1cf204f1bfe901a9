// aim: the smallest int divided by -1 overflows
// options: --int-width 32
int main() {
  int x = -2147483647 - 1;
  int d = unknown_int();
  assume(d == -1 || d == 2);
  assume(d > 0);
  int q = x / d;
  assert(q < 0);
}
