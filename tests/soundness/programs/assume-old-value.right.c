// aim: an assumption speaks of the value at its place, not of later ones
int main() {
  int x = unknown_int();
  assume(x == 5);
  x = x + 0;
  assert(x == 5);
}
