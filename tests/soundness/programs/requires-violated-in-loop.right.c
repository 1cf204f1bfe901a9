// aim: a precondition is violated in a later call only
/*@ requires d != 0; */
int quotient(int d) {
  return 10 / d;
}
int main() {
  int s = 0;
  for (int i = 3; i > 0; i--) s = quotient(i);
  assert(s >= 0);
}
