// aim: what held before the inner loop does not hold after it
int main() {
  int x = 0;
  for (int i = 0; i < 4; i++) {
    x = 0;
    while (unknown_int()) x++;
    assert(x >= 0);
  }
}
