// aim: division by a negative number truncates too
int main() {
  int d = -2;
  int q = 7 / d;
  int r = 7 % d;
  assert(q == -3 && r == 1);
}
