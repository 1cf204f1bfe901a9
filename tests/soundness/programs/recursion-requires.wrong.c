// aim: a precondition is checked at recursive calls, too
// confirm: no, the claim is in the annotation
extern int unknown_int(void);
/*@ requires n >= 0; */
int down(int n) {
  if (n < 0) return 0;
  return down(n - 1) + 1;
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 20);
  int r = down(n);
  assert(r >= 0);
}
