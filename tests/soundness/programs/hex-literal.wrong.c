// aim: hexadecimal literals, upper and lower case
int main() {
  int x = 0x1F;
  int y = 0Xaa;
  assert(x == 15 && y == 170);
}
