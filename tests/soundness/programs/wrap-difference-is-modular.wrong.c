// aim: differences of unsigned numbers are right where a sum wrapped before, quotients are not
extern unsigned unknown_uint(void);
int main() {
  unsigned a = unknown_uint();
  unsigned s = a + a;
  assert(s / 2 == a);
}
