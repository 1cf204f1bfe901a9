// expect: not proved; c may be a or b
/*@ requires \separated(a + (0 .. 9), b + (0 .. 9)); */
void put(int a[], int b[], int c[]) {
  a[0] = 1;
  c[0] = 7;
  assert(a[0] == 1);
}
