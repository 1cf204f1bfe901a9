// aim: an array declared in a loop body is initialised in every iteration
int main() {
  int s = 0;
  for (int i = 0; i < 3; i++) {
    int a[2] = {0};
    a[0]++;
    s = a[0];
  }
  assert(s == 3);
}
