// aim: the inner counter is reset in every outer iteration, or not
int main() {
  int i, j = 0, n = 0;
  for (i = 0; i < 3; i++) {
    while (j < 2) {
      j++;
      n++;
    }
  }
  assert(n == 6);
}
