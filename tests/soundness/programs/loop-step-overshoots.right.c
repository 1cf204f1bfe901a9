// aim: a step larger than one goes past the bound
int main() {
  int n = unknown_int();
  assume(n > 0);
  int i = 0;
  while (i < n) i += 2;
  assert(i >= n && i <= n + 1);
}
