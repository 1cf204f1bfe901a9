// expect: not proved; a[n] may be b[0], nothing is said of it
/*@ requires n > 0;
    requires \separated(a + (0 .. n - 1), b + (0 .. n - 1)); */
void put(int a[], int b[], int n) {
  b[0] = 1;
  a[n] = 7;
  assert(b[0] == 1);
}
