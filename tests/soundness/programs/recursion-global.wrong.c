// aim: a global changed by a recursive function is changed for its caller
extern int unknown_int(void);
int g = 5;
void bump(int n) {
  if (n > 0) {
    g++;
    bump(n - 1);
  }
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 20);
  int before = g;
  bump(n);
  assert(g == before);
}
