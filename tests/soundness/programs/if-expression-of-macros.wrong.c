// aim: the condition of #if is an integer expression
#define LEVEL 2
int main() {
  int x = 0;
#if LEVEL > 1 && !defined(OTHER)
  x = 4;
#endif
  assert(x == 0);
}
