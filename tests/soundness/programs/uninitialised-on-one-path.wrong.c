// aim: a variable is set in a loop that may never set it
int main() {
  int x;
  int i = 0;
  while (i < 5) {
    if (i == 5) x = 1;
    i++;
  }
  assert(x == 1);
}
