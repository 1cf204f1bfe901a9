// aim: wrapping around keeps a remainder only where 2^n is a multiple of the divisor
int main() {
  unsigned char x = 1;
  int i = 0;
  while (i < 100) {
    x += 3;
    i++;
  }
  assert(x % 3 == 1);
}
