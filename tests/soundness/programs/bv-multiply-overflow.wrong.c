// aim: a product of large factors overflows
// options: --int-width 32
int main() {
  int x = unknown_int();
  assume(x >= 0 && x <= 46341);
  int y = x * x;
  assert(y >= 0);
}
