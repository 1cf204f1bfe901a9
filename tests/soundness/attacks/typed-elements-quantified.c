// expect: not disproved; no element of the type is above 255
int f(unsigned char a[restrict]) {
  /*@ assert \forall integer k; 0 <= k < 9 ==> a[k] <= 255; */
  return 0;
}
