// aim: both branches of ?: get a common type
// options: --int-width 32
int main() {
  int c = unknown_int();
  int p = (c ? -1 : 0u) > 0;
  assert(c == 0 || p == 0);
}
