// expect: refused; no range ends like this
/*@ requires \separated(a + (0 .. 1), b + (0 .. 1) || (0 < 1)); */
void put(int a[], int b[]) {
  b[5] = 1;
  a[9] = 7;
  assert(b[5] == 1);
}
