// aim: a nondeterministic unsigned value may be zero, never negative
extern unsigned unknown_uint(void);
int main() {
  unsigned n = unknown_uint();
  assert(n >= 0);
}
