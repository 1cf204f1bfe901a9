// aim: two array parameters may be the same array
void put(int a[], int b[]) {
  a[0] = 1;
  b[0] = 2;
  assert(a[0] == 1);
}
int main() {
  int p[2], q[2];
  put(p, p);
}
