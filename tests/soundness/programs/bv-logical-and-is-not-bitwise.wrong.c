// aim: && and & differ for numbers without a common bit
// options: --int-width 32
int main() {
  int x = 5, y = 2;
  int r = x & y;
  assert(r == 1);
}
