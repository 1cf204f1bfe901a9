// aim: x & (x - 1) is zero for zero as well
// options: --int-width 32
extern unsigned unknown_uint(void);
int main() {
  unsigned x = unknown_uint();
  assume((x & (x - 1)) == 0);
  assert(x != 0);
}
