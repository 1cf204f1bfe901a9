// aim: a function call with side effects is skipped by &&
int g = 0;
int touch(int v) {
  g = g + 1;
  return v;
}
int main() {
  int x = unknown_int();
  if (x > 0 && touch(x) > 0) x = 0;
  assert(x <= 0);
}
