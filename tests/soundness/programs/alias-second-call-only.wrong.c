// aim: two array parameters are the same array in the second call only
int add(int a[], int b[]) {
  a[0] = 1;
  b[0] = b[0] + 1;
  return a[0];
}
int main() {
  int p[1] = {0}, q[1] = {0};
  int r = add(p, q);
  int s = add(p, p);
  assert(r + s == 2);
}
