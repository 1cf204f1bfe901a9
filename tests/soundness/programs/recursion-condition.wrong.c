// aim: a recursive call behind && happens only where the left side is true
extern int unknown_int(void);
int calls;
int deep(int n) {
  calls++;
  if (n > 0 && deep(n - 1) >= 0) return 1;
  return 0;
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 20);
  deep(n);
  assert(calls == 1);
}
