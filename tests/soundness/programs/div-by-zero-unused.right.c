// aim: the result of the division by zero is never used
int main() {
  int d = unknown_int();
  int x = 1;
  if (d) 5 / d;
  assert(x == 1);
}
