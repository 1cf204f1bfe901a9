// expect: refused; a[n] may be b[0]
/*@ requires n > 0;
    requires \separated(a + (0 .. n - 1), b + (0 .. n - 1));
    ensures a[n] == \old(a[n]); */
void put(int a[], int b[], int n) {
  b[0] = 1;
}
