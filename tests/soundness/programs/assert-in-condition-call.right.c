// aim: a function called in a loop test asserts, also in the failing test
int ok(int i) {
  assert(i < 11);
  return i < 10;
}
int main() {
  int i = 0;
  while (ok(i)) i++;
}
