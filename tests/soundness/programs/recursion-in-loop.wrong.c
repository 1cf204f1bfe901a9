// aim: a loop calls a recursive function anew each time
extern int unknown_int(void);
int g;
void add(int n) {
  if (n > 0) {
    g = g + 1;
    add(n - 1);
  }
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 10);
  for (int i = 0; i < n; i++) add(2);
  assert(g == n);
}
