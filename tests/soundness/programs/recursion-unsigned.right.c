// aim: an unsigned result wraps around
// options: --int-width 32
extern unsigned unknown_uint(void);
unsigned less(unsigned n) {
  if (n == 0) return 20;
  return less(n - 1) - 1;
}
int main() {
  unsigned n = unknown_uint();
  assume(n <= 20);
  assert(less(n) <= 20);
}
