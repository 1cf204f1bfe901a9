// aim: the number of set bits of a byte
// options: --int-width 32
int main() {
  unsigned char v = unknown_int();
  int n = 0;
  while (v) {
    n += v & 1;
    v >>= 1;
  }
  assert(n <= 8);
}
