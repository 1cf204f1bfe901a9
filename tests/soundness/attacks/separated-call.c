// expect: not proved; who calls does not keep what is required
/*@ requires \separated(a + (0 .. 9), b + (0 .. 9)); */
void put(int a[], int b[]) {
  a[0] = 1;
  b[0] = 7;
}
int main() {
  int p[10];
  put(p, p);
  assert(p[0] == 1);
}
