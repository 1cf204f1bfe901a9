// aim: an argument is the value of a global at the call
extern int unknown_int(void);
int g;
int f(int n) {
  g = g + 1;
  if (n > 0) return f(n - 1);
  return g;
}
int main() {
  int k = unknown_int();
  assume(k >= 0 && k <= 10);
  g = k;
  int r = f(g);
  assert(r == 2 * k + 1);
}
