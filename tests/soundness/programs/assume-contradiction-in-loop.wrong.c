// aim: a contradiction is reached only if the loop runs
int main() {
  int n = unknown_int();
  int i = 0;
  while (i < n) {
    assume(i > n);
    i++;
  }
  assert(0);
}
