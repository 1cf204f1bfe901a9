// aim: a recursive function's base case decides its result
extern int unknown_int(void);
int sum(int n) {
  if (n <= 0) return 0;
  return n + sum(n - 1);
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 50);
  assert(2 * sum(n) == n * (n + 1));
}
