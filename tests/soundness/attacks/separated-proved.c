// expect: proved; within their ranges the arrays are apart
/*@ requires n > 0;
    requires \separated(a + (0 .. n - 1), b + (0 .. n - 1)); */
void put(int a[], int b[], int n) {
  b[n - 1] = 1;
  a[0] = 7;
  assert(b[n - 1] == 1);
}
