// aim: the sum of two unsigned numbers may be below both
extern unsigned unknown_uint(void);
int main() {
  unsigned a = unknown_uint();
  unsigned b = unknown_uint();
  assume(a < 1000 && b < 1000);
  unsigned s = a + b;
  assert(s >= a);
}
