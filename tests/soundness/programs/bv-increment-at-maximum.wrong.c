// aim: incrementing the largest int is undefined
// options: --int-width 32
int main() {
  int x = unknown_int();
  int y = x + 1;
  assert(y != x);
}
