// aim: what the body establishes does not hold if the loop is never entered
int main() {
  int n = unknown_int();
  int x = 0;
  for (int i = 0; i < n; i++) x = 1;
  assert(x == 1 || n < 0);
}
