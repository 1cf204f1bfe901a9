// aim: nothing is known of a call that does not happen
extern int unknown_int(void);
int endless(int n) {
  if (n == 3) return 7;
  return endless(n + 1);
}
int main() {
  int c = unknown_int();
  int x = 1;
  if (c > 3 && c < 1000) x = 2;
  else if (c <= 3 && c > -1000) x = endless(c);
  assert(x == 7 || c > 3 || c <= -1000);
}
