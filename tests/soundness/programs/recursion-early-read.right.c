// aim: what a call leaves in a global is there only after the call
extern int unknown_int(void);
int r;
void count(int n) {
  if (n == 0) {
    r = 0;
    return;
  }
  count(n - 1);
  r = r + 1;
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 20);
  count(n);
  int x = r;
  assert(x == n);
}
