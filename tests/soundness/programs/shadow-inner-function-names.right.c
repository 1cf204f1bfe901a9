// aim: the callee's variable with the caller's name is a different one
int twice(int y) {
  int x = y;
  x = x * 2;
  return x;
}
int main() {
  int x = 3;
  int r = twice(x);
  assert(r == 6 && x == 3);
}
