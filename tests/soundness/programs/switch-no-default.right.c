// aim: without a matching case nothing of the switch is executed
int main() {
  int x = unknown_int(), y = 0;
  switch (x) {
    case 0: y = 1; break;
    case 1: y = 2; break;
  }
  assert(y >= 0 && y <= 2);
}
