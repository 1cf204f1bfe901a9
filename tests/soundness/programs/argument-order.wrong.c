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
  int r = sub(next(), next());
  assert(r == -1);
}
