// aim: --x yields the value after the decrement
int main() {
  int x = 5;
  int y = --x;
  assert(y == 5 && x == 4);
}
