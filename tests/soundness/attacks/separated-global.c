// expect: not proved; a parameter may be the global
int g;
/*@ requires \separated(a + (0 .. 9), b + (0 .. 9)); */
void put(int a[], int b[]) {
  g = 1;
  a[0] = 7;
  assert(g == 1);
}
