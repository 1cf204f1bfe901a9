// aim: -1 is larger than 1u
// options: --int-width 32
int main() {
  int x = -1;
  unsigned y = 1;
  assert(x > y);
}
