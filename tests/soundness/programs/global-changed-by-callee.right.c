// aim: a callee changes a global inside a loop
int g = 0;
int bump(int by) {
  g += by;
  return by;
}
int main() {
  int s = 0;
  for (int i = 0; i < 3; i++) s += bump(2);
  assert(s == 6 && g == 6);
}
