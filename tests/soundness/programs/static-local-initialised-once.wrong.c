// aim: a static local in a loop is initialised once
int main() {
  int last = 0;
  for (int i = 0; i < 4; i++) {
    static int c = 5;
    c++;
    last = c;
  }
  assert(last == 6);
}
