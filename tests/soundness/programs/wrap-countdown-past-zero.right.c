// aim: `i >= 0` is always true of an unsigned number, so the loop goes on past 0
extern unsigned unknown_uint(void);
int main() {
  unsigned n = unknown_uint(), i = n;
  while (i >= 1) { i--; assert(i < n); }
}
