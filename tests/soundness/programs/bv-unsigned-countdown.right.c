// aim: an unsigned index counts below zero
// options: --int-width 32
int main() {
  int a[4] = {0};
  unsigned i = 3;
  while (i > 0) {
    a[i] = 1;
    i--;
  }
  assert(a[0] == 0);
}
