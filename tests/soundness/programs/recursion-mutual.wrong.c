// aim: mutually recursive functions answer for each other
extern int unknown_int(void);
int odd(int n);
int even(int n) {
  if (n == 0) return 0;
  return odd(n - 1);
}
int odd(int n) {
  if (n == 0) return 0;
  return even(n - 1);
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 40);
  assert(even(n) == (n % 2 == 0));
}
