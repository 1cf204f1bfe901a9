// aim: a recursive function whose end is reached without return gives any value
// confirm: no, what happens to be in a register is returned
extern int unknown_int(void);
int f(int n) {
  if (n <= 0) return 1;
  if (n < 5) return f(n - 1);
  else return f(n - 1);
}
int main() {
  int n = unknown_int();
  assume(n <= 20);
  int r = f(n);
  assert(r == 1);
}
