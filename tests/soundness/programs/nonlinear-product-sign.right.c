// aim: the product of two numbers of unknown sign
int main() {
  int x = unknown_int(), y = unknown_int();
  assume(x > -9 && x < 9 && y > -9 && y < 9);
  assume(x <= 0 && y <= 0);
  assert(x * y >= 0);
}
