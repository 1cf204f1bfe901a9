// aim: an assertion after a loop that never ends holds, one behind a break does not
int main() {
  int i = 0;
  while (1) {
    i = 1 - i;
  }
  assert(0);
}
