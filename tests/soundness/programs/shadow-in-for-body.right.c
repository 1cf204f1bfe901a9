// aim: the loop body may hide the loop variable, the header uses its own
int main() {
  int n = 0;
  for (int i = 0; i < 3; i++) {
    int i = 10;
    i++;
    n++;
  }
  assert(n == 3);
}
