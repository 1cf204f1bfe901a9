// aim: a local that hides a global is not the global
extern int unknown_int(void);
int g;
int walk(int n) {
  int g;
  if (n > 0) {
    g = n;
    walk(n - 1);
  }
  return 0;
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 20);
  walk(n);
  assert(g == 0);
}
