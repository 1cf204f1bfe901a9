// aim: several labels on one statement
int main() {
  int x = unknown_int(), y = 0;
  switch (x) {
    case 1:
    case 2:
    case 4: y = 1; break;
    case 3: y = 2;
  }
  if (x == 4) assert(y == 1);
}
