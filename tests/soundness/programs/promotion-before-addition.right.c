// aim: operands narrower than int are added as int
int main() {
  unsigned char a = 200, b = 100;
  int s = a + b;
  unsigned char t = a + b;
  assert(s == 300);
}
