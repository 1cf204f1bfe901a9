// aim: arguments are bound all at once
extern int unknown_int(void);
int last(int a, int b, int n) {
  if (n == 0) return a;
  return last(b, a, n - 1);
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 10);
  int r = last(1, 2, n);
  assert(r == 1 || r == 2);
}
