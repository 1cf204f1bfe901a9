// aim: later declarators see earlier ones
int main() {
  int a = 1, b = a + 1, c = a + b;
  a = 7;
  assert(c == 9);
}
