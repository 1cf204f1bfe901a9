// aim: + binds tighter than <<
// options: --int-width 32
int main() {
  int x = 1 << 2 + 1;
  assert(x == 8);
}
