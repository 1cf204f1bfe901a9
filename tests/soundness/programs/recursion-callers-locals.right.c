// aim: a caller's locals survive a call of a function with locals of the same names
extern int unknown_int(void);
int f(int n) {
  int x = n;
  while (n > 0) n--;
  if (x > 0) f(x - 1);
  return n;
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 20);
  int x = n;
  f(n);
  assert(n == x);
}
