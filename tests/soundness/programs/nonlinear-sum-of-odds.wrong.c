// aim: the sum of odd numbers is a square, off by one iteration
int main() {
  int n = unknown_int();
  assume(n >= 0 && n < 100);
  int i = 0, s = 0;
  while (i < n) {
    s += 2 * i + 1;
    i++;
  }
  assert(s == n * n+ n);
}
