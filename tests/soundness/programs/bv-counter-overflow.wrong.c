// aim: a counter without a bound overflows
// options: --int-width 32
// confirm: no (the overflow needs two thousand million iterations)
int main() {
  int i = 0;
  while (unknown_int()) i++;
  assert(i >= 0);
}
