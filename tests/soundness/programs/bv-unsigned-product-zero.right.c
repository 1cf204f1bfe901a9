// aim: the product of two unsigned numbers may wrap to zero
// options: --int-width 32
int main() {
  unsigned x = 65536u;
  unsigned p = x * x;
  assert(p == 0);
}
