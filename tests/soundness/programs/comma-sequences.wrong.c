// aim: the left operand of a comma has taken effect when the right one is evaluated
int main() {
  int x = 1;
  int y = (x = x + 4, x * 2);
  assert(y == 2);
}
