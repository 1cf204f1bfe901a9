// aim: the side of a choice that is not taken does not overflow
extern int unknown_int(void);
int main() {
  int x = unknown_int();
  assume(x == 2147483647);
  unsigned r = x < 0 ? x + 1 : 7u;
  assert(r == 0);
}
