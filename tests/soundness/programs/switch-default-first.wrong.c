// aim: default is chosen only if no later case matches
int main() {
  int x = unknown_int(), y = 0;
  assume(x >= 0 && x <= 2);
  switch (x) {
    default: y = 10; break;
    case 1: y = 1; break;
  }
  assert(y == 10);
}
