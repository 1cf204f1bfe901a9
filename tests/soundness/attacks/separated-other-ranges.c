// expect: refused; two different ranges of one array
/*@ requires \separated(a + (0 .. 9), b + (0 .. 9));
    requires \separated(a + (0 .. 3), c + (0 .. 9));
    requires \separated(b + (0 .. 3), c + (0 .. 9)); */
void put(int a[], int b[], int c[]) {
  a[5] = 1;
  c[0] = 7;
  assert(a[5] == 1);
}
