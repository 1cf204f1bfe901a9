// aim: products of unsigned numbers are reduced, whatever the factors
extern unsigned unknown_uint(void);
int main() {
  unsigned a = unknown_uint();
  unsigned b = a * 2147483648u;
  assert(b == 0);
}
