// aim: the successor of an unsigned number is not always larger
// options: --int-width 32
extern unsigned unknown_uint(void);
int main() {
  unsigned x = unknown_uint();
  assume(x != 4294967295u);
  assert(x + 1 > x);
}
