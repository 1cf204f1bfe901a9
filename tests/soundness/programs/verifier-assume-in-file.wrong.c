// aim: the usual definition of assume_abort_if_not in the file itself
extern void abort(void);
extern int __VERIFIER_nondet_int(void);
void assume_abort_if_not(int cond) {
  if (!cond) { abort(); }
}
int main() {
  int x = __VERIFIER_nondet_int();
  assume_abort_if_not(x > 0);
  assert(x > 1);
  return 0;
}
