// aim: the test of the loop does not hold negated after a break
int main() {
  int i = 0;
  while (i < 10) {
    if (i == 5) break;
    i++;
  }
  assert(i == 10);
}
