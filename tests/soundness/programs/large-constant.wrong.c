// aim: constants beyond 32 bits are exact in long
int main() {
  long x = 3000000000;
  long y = x + 1;
  assert(y == 3000000000);
}
