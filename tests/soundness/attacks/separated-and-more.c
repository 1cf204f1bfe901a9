// expect: refused; only half of the clause is understood
/*@ requires n > 0 && \separated(a + (0 .. n - 1), b + (0 .. n - 1)); */
void put(int a[], int b[], int n) {
  b[0] = 1;
  a[0] = 7;
  assert(b[0] == 1);
}
