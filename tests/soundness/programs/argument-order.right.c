// aim: the order in which arguments are evaluated is not fixed
int t = 0;
int next(void) {
  t = t + 1;
  return t;
}
int sub(int a, int b) {
  return a - b;
}
int main() {
  int p = next(); int q = next(); int r = sub(p, q);
  assert(r == -1);
}
