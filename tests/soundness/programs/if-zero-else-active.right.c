// aim: the #else of #if 0 is there
int main() {
  int x = 1;
#if 1
  x = 2;
#else
  x = 3;
#endif
  assert(x == 2);
}
