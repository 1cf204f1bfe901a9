// aim: a loop to <= n over an array of n elements
int main() {
  int n = unknown_int();
  assume(n > 0 && n < 50);
  int a[n];
  for (int i = 0; i <= n; i++) a[i] = 1;
  assert(n > 0);
}
