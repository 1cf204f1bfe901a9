// aim: the order in which the operands of + are called is not fixed
// confirm: no (unspecified order that a compiler resolves in one way)
int g = 1;
int dbl(void) {
  g = g * 2;
  return g;
}
int inc(void) {
  g = g + 1;
  return g;
}
int main() {
  int s = dbl() + inc();
  assert(s == 5);
}
