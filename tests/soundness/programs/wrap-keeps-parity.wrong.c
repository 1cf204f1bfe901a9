// aim: wrapping around keeps a remainder only where 2^n is a multiple of the divisor
extern unsigned unknown_uint(void);
int main() {
  unsigned char x = 1;
  while (unknown_uint()) x += 3;
  assert(x % 3 == 1);
}
