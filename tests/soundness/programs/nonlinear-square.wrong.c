// aim: a square is not always larger than its root
int main() {
  int x = unknown_int();
  assume(x >= -50 && x <= 50);
  int y = x * x;
  assert(y > x);
}
