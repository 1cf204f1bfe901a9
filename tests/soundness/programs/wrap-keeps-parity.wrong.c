// aim: wrapping around keeps a remainder only where 2^n is a multiple of the divisor
extern unsigned char unknown_uchar(void);
int main() {
  unsigned char x = 1;
  while (unknown_uchar()) x += 3;
  assert(x % 3 == 1);
}
