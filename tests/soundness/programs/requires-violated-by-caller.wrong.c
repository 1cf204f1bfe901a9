// aim: a caller that violates the precondition gains nothing from it
/*@ requires x > 0; */
int f(int x) {
  assert(x > 0);
  return x;
}
int main() {
  int r = f(0);
  return 0;
}
