// aim: the inner loop changes the counter of the outer one
int main() {
  int i = 0, rounds = 0;
  while (i < 6) {
    int j = 0;
    while (j < 2) {
      j++;
      i++;
    }
    rounds++;
  }
  assert(rounds == 3);
}
