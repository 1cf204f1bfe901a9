// aim: the divisor becomes zero in the last iteration only
int main() {
  int s = 0;
  for (int i = 6; i >= 0; i--) s += 12 / i;
  assert(s >= 0);
}
