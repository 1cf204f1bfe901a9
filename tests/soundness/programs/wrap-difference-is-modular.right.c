// aim: differences of unsigned numbers are right even where a sum wrapped before
extern unsigned unknown_uint(void);
int main() {
  unsigned a = unknown_uint(), b = unknown_uint();
  unsigned s = a + b;
  assert(s - b == a);
}
