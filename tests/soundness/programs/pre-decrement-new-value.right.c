// aim: --x yields the value after the decrement
int main() {
  int x = 5;
  int y = --x;
  assert(y == 4 && x == 4);
}
