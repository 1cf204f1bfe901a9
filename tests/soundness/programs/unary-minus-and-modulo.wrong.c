// aim: a unary minus binds tighter than %
int main() {
  int x = 7;
  int r = -x % 4;
  assert(r == 1);
}
