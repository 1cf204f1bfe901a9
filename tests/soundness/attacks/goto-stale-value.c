// expect: not proved; the second time x is jumped past and has no determined value
int unknown_int(void);
int main() {
  for (int i = 0; i < 2; i++) {
    if (i == 1) goto after;
    int x = 5;
  after:
    assert(x == 5);
  }
}
