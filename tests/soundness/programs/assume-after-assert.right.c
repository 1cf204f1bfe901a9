// aim: an assumption after the assertion does not help it
int main() {
  int x = unknown_int();
  assume(x > 0);
  assert(x > 0);
}
