// aim: the value read past the end is never used
int main() {
  int a[3] = {1, 2, 3};
  int i = unknown_int();
  assume(i >= 0 && i <= 3);
  int x = a[i];
  assert(i >= 0);
}
