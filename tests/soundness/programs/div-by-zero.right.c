// aim: a division by zero is reached before an assertion that holds
int main() {
  int d = unknown_int();
  assume(d > 0);
  int x = 10 / d;
  assert(x >= 0);
}
