// aim: a cast to unsigned char keeps the low eight bits
// options: --int-width 32
int main() {
  int x = unknown_int();
  int y = (unsigned char)x;
  assert(y == x);
}
