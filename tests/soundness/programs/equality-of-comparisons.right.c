// aim: == binds weaker than <
int main() {
  int x = 3, y = 1;
  int r = x > 2 == y > 2;
  assert(r == 0);
}
