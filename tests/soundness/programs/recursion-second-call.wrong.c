// aim: what holds of the first call's arguments need not hold of the second's
extern int unknown_int(void);
int half(int n) {
  assert(n % 2 == 0);
  if (n <= 0) return 0;
  return half(n - 2) + 1;
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 20);
  half(2 * n);
  half(n);
}
