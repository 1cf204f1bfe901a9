// aim: the smallest int has no negation
// options: --int-width 32
int main() {
  int x = unknown_int();
  if (x < 0) x = -x;
  assert(x >= 0);
}
