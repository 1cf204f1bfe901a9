// aim: a recursive call changes globals for the activation that made it
extern int unknown_int(void);
int g;
void bump(int n) {
  int old = g;
  g = g + 1;
  if (n > 0) bump(n - 1);
  assert(g >= old + 1);
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 20);
  bump(n);
}
