// aim: incrementing the largest int is undefined
// options: --int-width 32
int main() {
  int x = unknown_int();
  assume(x < 2147483647);
  int y = x + 1;
  assert(y != x);
}
