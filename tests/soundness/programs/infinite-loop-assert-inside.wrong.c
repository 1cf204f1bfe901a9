// aim: an assertion inside a loop that never ends fails late
int main() {
  int x = 0, y = 0;
  while (1) {
    x = 1 - x;
    if (x) y++;
    assert(y < 7);
  }
}
