// aim: behind a contradiction every assertion holds; behind a tight assumption it does not
int main() {
  int x = unknown_int();
  assume(x > 0);
  assume(x < 1);
  assert(0);
}
