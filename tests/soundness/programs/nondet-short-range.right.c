// aim: a nondeterministic short covers its whole range and no more
extern short __VERIFIER_nondet_short(void);
int main() {
  short s = __VERIFIER_nondet_short();
  assert(s >= -32768 && s <= 32767);
}
