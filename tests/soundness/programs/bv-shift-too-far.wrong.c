// aim: a shift by the width of the type is undefined
// options: --int-width 32
int main() {
  int s = unknown_int();
  assume(s >= 0 && s <= 32);
  unsigned x = 1u << s;
  assert(x != 0);
}
