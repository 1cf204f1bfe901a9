// aim: `i >= 0` is always true of an unsigned number, so the loop goes on past 0
extern unsigned unknown_uint(void);
int main() {
  unsigned n = unknown_uint(), i = n;
  assume(n < 50 && n > 0);
  while (i >= 0) { i--; assert(i < n); }
}
