// aim: an assertion inside holds for every depth of calls
extern int unknown_int(void);
void down(int n, int depth) {
  assert(depth <= 9);
  if (n > 0) down(n - 1, depth + 1);
}
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 10);
  down(n, 0);
}
