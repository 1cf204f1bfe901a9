// aim: a nondeterministic unsigned char covers its whole range and no more
extern unsigned char __VERIFIER_nondet_uchar(void);
int main() {
  unsigned char c = __VERIFIER_nondet_uchar();
  assert(c < 255);
}
