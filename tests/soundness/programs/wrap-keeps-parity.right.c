// aim: wrapping around keeps a remainder only where 2^n is a multiple of the divisor
extern unsigned unknown_uint(void);
int main() {
  unsigned x = 1;
  while (unknown_uint()) x += 2;
  assert(x % 2 == 1);
}
