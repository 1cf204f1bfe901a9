// expect: not disproved; only a run on which a signed value left its type before it was converted fails
extern int unknown_int(void);
int main() {
  int i = unknown_int();
  assume(i >= 0 && i < 2147483647);
  int thrice = i * 3;
  unsigned u = thrice;
  assert(u >= i);
}
