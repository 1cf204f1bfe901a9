// aim: an assumption after the assertion does not help it
int main() {
  int x = unknown_int();
  assert(x > 0);
  assume(x > 0);
}
