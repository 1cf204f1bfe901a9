// aim: recursion through a helper that does not recurse by itself
extern int unknown_int(void);
int f(int n);
int step(int n) { return n > 5 ? n - 2 : n - 1; }
int f(int n) {
  if (n <= 0) return n;
  return f(step(n));
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 20);
  assert(f(n) == 0);
}
