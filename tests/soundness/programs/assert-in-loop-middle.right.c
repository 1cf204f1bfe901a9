// aim: an assertion inside a loop fails in one iteration in the middle
int main() {
  int n = unknown_int();
  assume(n >= 0 && n <= 20);
  for (int i = 0; i < n; i++) assert(i != 20);
}
