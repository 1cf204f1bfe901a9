// aim: the second loop starts where the first one ended
int main() {
  int n = unknown_int();
  assume(n >= 0);
  int i = 0, j = 0;
  while (i < n) i++;
  while (i > 0) {
    i--;
    j++;
  }
  assert(j == n);
}
