// aim: an array written by a recursive function is written for its caller
extern int unknown_int(void);
int a[4];
void put(int n) {
  if (n < 0) return;
  a[n] = 1;
  put(n - 1);
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n < 4);
  put(n);
  assert(a[0] == 0);
}
