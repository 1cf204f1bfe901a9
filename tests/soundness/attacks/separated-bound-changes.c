// expect: not proved; the range is what it was when the function was called
/*@ requires n > 0;
    requires \separated(a + (0 .. n - 1), b + (0 .. n - 1)); */
void put(int a[], int b[], int n) {
  n = n + 5;
  b[0] = 1;
  a[n - 1] = 7;
  assert(b[0] == 1);
}
