// aim: an assumption in one branch says nothing about the other
int main() {
  int x = unknown_int(), y = unknown_int();
  if (y > 0) {
    assume(x > 0);
  } else {
    x = x;
  }
  assert(x > 0);
}
