// aim: the expression of an assumption is executed
int main() {
  int x = 0;
  assume(++x > 0);
  assert(x == 0);
}
