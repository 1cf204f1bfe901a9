// aim: the right operand of || in a loop test is evaluated only when the left one is false
int main() {
  int i = 0, j = 0;
  while (i < 4 || j++ < 2) i++;
  assert(i == 4);
}
