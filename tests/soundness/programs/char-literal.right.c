// aim: a character literal is its code, a digit is not its value
int main() {
  int d = '0';
  int a = 'A';
  assert(d == 48 && a == 65);
}
