// aim: code in #if 0 is not there
int main() {
  int x = unknown_int();
#if 1
  assume(x > 0);
#endif
  assert(x > 0);
}
