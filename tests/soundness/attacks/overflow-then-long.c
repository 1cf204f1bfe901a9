// expect: not disproved; the sum is converted when it has left its type
extern int unknown_int(void);
int main(void) {
  int x = unknown_int();
  assume(x <= 2147483647);
  long y = x + 1;
  assert(y <= 2147483647L);
}
