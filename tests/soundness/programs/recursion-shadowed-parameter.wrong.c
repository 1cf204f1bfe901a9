// aim: a parameter that hides a global is not the global
extern int unknown_int(void);
int g = 3;
int walk(int h, int n) {
  g = g + 1;
  if (n > 0) return walk(h, n - 1);
  return g;
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 20);
  int r = walk(0, n);
  assert(g == 3);
}
