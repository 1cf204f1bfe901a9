// expect: refused; sets that are no ranges
/*@ requires \separated(a, b); */
void put(int a[], int b[]) {
  a[0] = 1;
  b[0] = 7;
  assert(a[0] == 1);
}
