// aim: an assertion inside a function that computes an argument
int half(int v) {
  assert(v % 2 == 0);
  return v / 2;
}
int id(int v) {
  return v;
}
int main() {
  int s = 0;
  for (int i = 0; i < 6; i++) s = id(half(i));
}
