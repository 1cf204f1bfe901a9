// aim: the guard of a division does not hold where the right operand is evaluated
int main() {
  int d = unknown_int();
  int hit = 0;
  if (d != 0 || 10 / d > 1) hit = 1;
  assert(hit == 0 || hit == 1);
}
