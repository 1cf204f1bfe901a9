// aim: an assumption inside a comment is not there
int main() {
  int x = unknown_int();
  assume(x > 0);
  assert(x > 0);
}
