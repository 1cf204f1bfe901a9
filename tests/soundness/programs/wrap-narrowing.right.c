// aim: what does not fit a narrower signed type is reduced modulo 2^n
extern int unknown_int(void);
int main() {
  int i = unknown_int();
  assume(i >= 0 && i < 256);
  char c = (char)i;
  assert(i < 128 ? c == i : c == i - 256);
}
