// aim: an assertion after a loop that never ends holds, one behind a break does not
int main() {
  int i = 0;
  while (1) {
    if (i == 4) break;
    i = i + 1;
  }
  assert(0);
}
