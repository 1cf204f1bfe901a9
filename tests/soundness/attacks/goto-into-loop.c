// expect: refused; the loop is entered in its middle
int unknown_int(void);
int main() {
  int i = 7;
  if (unknown_int()) goto inside;
  for (i = 0; i < 5; i++) {
  inside:
    assert(i < 5);
  }
}
