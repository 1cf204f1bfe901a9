// expect: not proved; an empty range says nothing of any element
/*@ requires n > 0;
    requires \separated(a + (1 .. 0), b + (1 .. 0)); */
void put(int a[], int b[], int n) {
  a[0] = 1;
  b[0] = 7;
  assert(a[0] == 1);
}
