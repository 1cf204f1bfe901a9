// aim: a jump out of a loop to a failing label is followed
int main() {
  int i = 0, n = unknown_int();
  while (i < 10) {
    if (i > 10) goto ERROR;
    i++;
  }
  return 0;
ERROR:
  assert(0);
}
