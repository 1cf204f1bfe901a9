// aim: the expression of a switch is evaluated once
int main() {
  int x = 0, y = 0;
  switch (x++) {
    case 1: y = 1; break;
    case 0: y = 2; break;
  }
  assert(x == 1 && y == 2);
}
