// aim: a callee changes its own copy of an argument
void change(int x) {
  x = 9;
}
int main() {
  int x = 1;
  change(x);
  assert(x == 9);
}
