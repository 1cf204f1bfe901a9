// aim: a - b > 0 does not say a > b for unsigned numbers
extern unsigned unknown_uint(void);
int main() {
  unsigned a = unknown_uint();
  unsigned b = unknown_uint();
  assume(a < 100 && b < 100);
  if (a > b) assert(a > b);
}
