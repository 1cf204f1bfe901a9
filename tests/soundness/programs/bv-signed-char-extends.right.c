// aim: a signed char is sign-extended, an unsigned char is not
// options: --int-width 32
int main() {
  unsigned char c = 0x80;
  int x = c;
  assert(x == 128);
}
