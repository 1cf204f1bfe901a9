// aim: the remainder takes the sign of the dividend
int main() {
  int i = -5;
  while (i < 5) {
    int r = i % 3;
    assert(r >= 0);
    i++;
  }
}
