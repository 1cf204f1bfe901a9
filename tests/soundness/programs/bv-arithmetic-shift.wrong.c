// aim: a right shift of a negative number rounds down
// options: --int-width 32
int main() {
  int x = -7;
  int y = x >> 1;
  assert(y == -3);
}
