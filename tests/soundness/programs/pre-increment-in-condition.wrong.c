// aim: the increment in the test happens before the comparison
int main() {
  int i = 0, n = 0;
  while (++i < 5) n++;
  assert(n == 5);
}
