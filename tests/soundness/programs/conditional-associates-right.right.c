// aim: ?: associates to the right
int main() {
  int a = 1, b = 0;
  int r = a ? b ? 1 : 2 : 3;
  assert(r == 2);
}
