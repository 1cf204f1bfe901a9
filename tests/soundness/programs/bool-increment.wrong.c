// aim: incrementing a _Bool leaves it at 1
int main() {
  _Bool b = 0;
  int i = 0;
  while (i < 3) {
    b++;
    i++;
  }
  assert(b == 3);
}
