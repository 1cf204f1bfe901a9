// aim: the order in which the operands of + are called is not fixed
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
  int p = dbl(); int s = p + inc();
  assert(s == 5);
}
