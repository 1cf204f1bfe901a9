// aim: the second of three assertions fails
int main() {
  int x = unknown_int();
  assume(x >= 0);
  assert(x >= 0);
  assert(x > 0);
  assert(x > -1);
}
