// aim: a counter without a bound overflows
// options: --int-width 32
int main() {
  int i = 0;
  while (i < 1000 && unknown_int()) i++;
  assert(i >= 0);
}
