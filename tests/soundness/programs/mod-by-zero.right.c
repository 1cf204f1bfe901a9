// aim: a remainder by zero is reached
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 3);
  int m = 3 - n + 1;
  int r = 5 % m;
  assert(r < 5 || m > 5);
}
