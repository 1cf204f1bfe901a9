// aim: an argument is converted to the type of the parameter
int widen(short s) {
  return s;
}
int main() {
  int r = widen(7000);
  assert(r == 7000);
}
