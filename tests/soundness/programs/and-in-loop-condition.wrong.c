// aim: the right operand of && in a loop test is not evaluated when the loop ends by the left one
int main() {
  int i = 0, j = 0;
  while (i < 5 && j++ < 10) i++;
  assert(j == 6);
}
