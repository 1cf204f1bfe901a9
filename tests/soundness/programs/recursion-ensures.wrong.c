// aim: a postcondition of a recursive function is checked
// confirm: no, the claim is in the annotation
extern int unknown_int(void);
/*@ ensures \result == n; */
int id(int n) {
  if (n <= 0) return 0;
  return id(n - 1) + 1;
}
int main() {
  int n = unknown_int();
  assume(n >= -5 && n <= 20);
  int r = id(n);
  assert(r >= 0 && (n >= 0 || r == 0) && (n < 0 || r == n));
}
