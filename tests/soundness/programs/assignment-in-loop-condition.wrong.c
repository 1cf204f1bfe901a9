// aim: an assignment in a loop test is executed in every test
int main() {
  int n = 4, last = 9;
  while ((last = n - 1) > 0) n--;
  assert(n == 1 && last == 1);
}
