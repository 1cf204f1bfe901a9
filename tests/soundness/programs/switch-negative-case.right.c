// aim: case labels are constant expressions, also negative ones
int main() {
  int x = -1, y = 0;
  switch (x) {
    case 3 - 4: y = 1; break;
    case 1: y = 2; break;
  }
  assert(y == 1);
}
