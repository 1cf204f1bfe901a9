// aim: the smallest int has no negation
// options: --int-width 32
int main() {
  int x = unknown_int();
  assume(x > -2147483647 - 1);
  if (x < 0) x = -x;
  assert(x >= 0);
}
