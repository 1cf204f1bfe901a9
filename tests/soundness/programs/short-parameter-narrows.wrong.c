// aim: an argument is converted to the type of the parameter
int widen(short s) {
  return s;
}
int main() {
  int r = widen(70000);
  assert(r == 70000);
}
