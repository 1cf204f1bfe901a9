// aim: x++ yields the value before the increment
int main() {
  int x = unknown_int();
  int y = x++;
  assert(y == x);
}
