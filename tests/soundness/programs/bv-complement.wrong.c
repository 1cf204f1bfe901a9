// aim: ~x is -x - 1
// options: --int-width 32
int main() {
  int x = unknown_int();
  int y = ~x;
  assert(x + y == 0);
}
