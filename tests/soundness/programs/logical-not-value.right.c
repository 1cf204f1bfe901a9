// aim: ! yields 0 or 1, it does not negate a number
int main() {
  int x = 5;
  int y = !x;
  int z = !!x;
  assert(y == 0 && z == 1);
}
