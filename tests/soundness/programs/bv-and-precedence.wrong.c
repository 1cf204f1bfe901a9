// aim: == binds tighter than &
// options: --int-width 32
int main() {
  int x = 4, even = 0;
  if (x & 1 == 0) even = 1;
  assert(even == 1);
}
