// aim: products of unsigned numbers are reduced, whatever the factors
extern unsigned unknown_uint(void);
int main() {
  unsigned a = unknown_uint();
  unsigned b = a * 4294967295u;
  assert(a + b == 0);
}
