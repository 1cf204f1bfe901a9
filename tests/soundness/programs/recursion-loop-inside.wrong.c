// aim: a loop inside a recursive function works on its own activation
extern int unknown_int(void);
int f(int n) {
  int i = 0;
  int s = 0;
  while (i < n) {
    i++;
    s = s + 1;
  }
  if (n > 0) s = s + f(n - 1);
  return s;
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 10);
  int r = f(n);
  assert(r <= n);
}
