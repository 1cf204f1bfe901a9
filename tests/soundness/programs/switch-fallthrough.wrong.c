// aim: a case without break falls into the next one
int main() {
  int x = 1, y = 0;
  switch (x) {
    case 1: y += 1;
    case 2: y += 2; break;
    case 3: y += 4;
  }
  assert(y == 1);
}
