// aim: the loop misses the last element of an array of n elements
int main() {
  int n = unknown_int();
  assume(n > 1 && n < 20);
  int a[n];
  for (int i = 0; i < n; i++) a[i] = 0;
  for (int i = 0; i < n- 1; i++) a[i] = 7;
  assert(a[n - 1] == 7);
}
