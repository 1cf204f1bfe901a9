// expect: refused; an array of variable length is jumped past
int unknown_int(void);
int main() {
  int n = unknown_int();
  if (n < 1) goto after;
  int a[n];
  a[0] = 1;
after:
  assert(n < 1 || a[0] == 1);
}
