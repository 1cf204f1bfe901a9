// aim: a shift by a negative number is undefined
// options: --int-width 32
int main() {
  int s = 2;
  unsigned x = 64;
  while (s > 0) {
    s--;
    x = x >> s;
  }
  assert(x <= 64);
}
