// aim: a called function sees the global, not a local variable of its caller
int g = 1;
int read_g(void) {
  return g;
}
int main() {
  int g = 7;
  int r = read_g();
  assert(r == 7 && g == 7);
}
