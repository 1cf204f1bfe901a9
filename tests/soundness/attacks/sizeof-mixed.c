// expect: proved; what sizeof is asked about is not computed
int main(void) {
  int x = 1;
  unsigned u = 2;
  assert(sizeof(x + u) == 4);
}
