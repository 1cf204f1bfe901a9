// aim: shifting a one into the sign bit is undefined
// options: --int-width 32
int main() {
  int s = 30;
  int x = 1 << s;
  assert(x != 0);
}
