// aim: a variable declared in a loop body is initialised in every iteration
int main() {
  int k = 0, s = 0;
  while (k < 3) {
    int t = 0;
    t++;
    s += t;
    k++;
  }
  assert(s == 3);
}
