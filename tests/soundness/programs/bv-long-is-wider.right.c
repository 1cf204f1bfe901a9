// aim: the addition is done in the type of its operands, not of the result
// options: --int-width 32
int main() {
  int x = 2147483647;
  long long y = (long long)x + 1;
  assert(y > 0);
}
