// aim: the comma operator yields its last operand
int main() {
  int x = (3, 4);
  assert(x == 4);
}
