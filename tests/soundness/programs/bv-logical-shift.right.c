// aim: a right shift of an unsigned number fills with zeros
// options: --int-width 32
int main() {
  unsigned x = 0x80000000u;
  int i = 0;
  while (i < 4) {
    x = x >> 1;
    i++;
  }
  assert(x == 0x08000000u);
}
