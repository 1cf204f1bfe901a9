// aim: a callee reads past the end of the caller's array
int sum(int a[], int n) {
  int s = 0;
  for (int i = 0; i < n; i++) s += a[i];
  return s;
}
int main() {
  int a[3] = {1, 1, 1};
  int s = sum(a, 3);
  assert(s == s);
}
