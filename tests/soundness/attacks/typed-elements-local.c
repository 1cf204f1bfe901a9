// expect: proved; an element of an unsigned array is never negative nor too large, in annotations too
int main(void) {
  unsigned a[2];
  int i = 0;
  //@ assert 0 <= a[i] <= 4294967295;
  return 0;
}
