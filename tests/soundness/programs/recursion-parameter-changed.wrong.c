// aim: a function that changes its parameter is still known by what it was called with
extern int unknown_int(void);
int twice(int n) {
  int r = 0;
  if (n > 0) {
    n = n - 1;
    r = twice(n) + 2;
  }
  return r + n;
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 20);
  assert(twice(n) == 2 * n);
}
