// aim: the failing test of a loop still decrements
int main() {
  int i = 5;
  while (i-- > 0) {
  }
  assert(i == 0);
}
