// aim: a static local keeps its value between calls
int next(void) {
  static int c;
  c++;
  return c;
}
int main() {
  int a = next();
  int b = next();
  assert(a == 1 && b == 1);
}
