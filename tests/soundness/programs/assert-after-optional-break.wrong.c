// aim: both exits of a loop reach the assertion
int main() {
  int i = 0;
  while (i < 10) {
    if (unknown_int()) break;
    i++;
  }
  assert(i == 10);
}
