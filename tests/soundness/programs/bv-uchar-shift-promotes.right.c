// aim: a shifted unsigned char does not lose bits before it is assigned
// options: --int-width 32
int main() {
  unsigned char c = 0x81;
  int wide = c << 1;
  unsigned char narrow = c << 1;
  assert(wide == 0x102);
}
