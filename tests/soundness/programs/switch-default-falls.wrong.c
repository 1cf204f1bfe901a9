// aim: a default in the middle falls into the case after it
int main() {
  int x = 9, y = 0;
  switch (x) {
    case 1: y = 1; break;
    default: y = 5;
    case 2: y += 2; break;
    case 3: y = 3;
  }
  assert(y == 5);
}
