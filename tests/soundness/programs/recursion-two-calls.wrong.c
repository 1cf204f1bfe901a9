// aim: two calls have two results
extern int unknown_int(void);
int id(int n) {
  if (n <= 0) return 0;
  return id(n - 1) + 1;
}
int main() {
  int a = unknown_int();
  int b = unknown_int();
  assume(a >= 0 && a <= 20 && b >= 0 && b <= 20);
  int x = id(a);
  int y = id(b);
  assert(x == y);
}
