// aim: the expression of an assertion is executed
int main() {
  int x = 0;
  assert(x++ == 0);
  assert(x == 0);
}
