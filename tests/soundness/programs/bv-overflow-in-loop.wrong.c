// aim: signed overflow in a loop is undefined
// options: --int-width 32
int main() {
  int x = 1;
  for (int i = 0; i < 31; i++) x *= 2;
  assert(x != 0);
}
