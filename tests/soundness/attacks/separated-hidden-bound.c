// expect: refused; no range ends like this
/*@ requires \separated(a + (0 .. 1), b + (0 .. 1) + (2 .. 100)); */
void put(int a[], int b[]) {
  b[50] = 1;
  a[1] = 7;
  assert(b[50] == 1);
}
