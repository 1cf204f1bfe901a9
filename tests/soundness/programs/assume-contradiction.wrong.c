// aim: behind a contradiction every assertion holds; behind a tight assumption it does not
int main() {
  int x = unknown_int();
  assume(x > 0);
  assume(x < 2);
  assert(0);
}
