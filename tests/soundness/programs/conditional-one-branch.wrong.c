// aim: only one branch of ?: has its side effects
int main() {
  int c = unknown_int();
  int a = 0, b = 0;
  c ? a++ : b++;
  assert(a + b == 2);
}
