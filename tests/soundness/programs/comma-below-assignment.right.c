// aim: assignment binds tighter than the comma operator
int main() {
  int x = 0;
  x = 1, 2;
  assert(x == 1);
}
