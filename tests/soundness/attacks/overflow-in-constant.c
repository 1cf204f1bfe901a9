// expect: not disproved; every run overflows
int main(void) {
  unsigned x = 2147483647 + 1;
  assert(x == 0);
}
