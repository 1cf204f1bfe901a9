// aim: the assertion of a callee fails for a later argument
void check(int a, int b) {
  assert(a + b < 12);
}
int main() {
  for (int i = 0; i <= 6; i++) check(i, i);
}
