// aim: (x / y) * y + x % y is x for every sign, x / y is not the floor
int main() {
  int x = unknown_int();
  assume(x >= -20 && x <= 20);
  int q = x / 4;
  assert(4 * q <= x);
}
