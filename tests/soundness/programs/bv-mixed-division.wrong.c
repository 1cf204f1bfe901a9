// aim: dividing a negative int by an unsigned number divides a large number
// options: --int-width 32
int main() {
  int x = -6;
  unsigned d = 2;
  unsigned q = x / d;
  assert(q == 4294967293u);
}
