// aim: subtraction and division associate to the left
int main() {
  int a = 20 - 5 - 3;
  int b = 100 / 10 * 2;
  assert(a == 12 && b == 20);
}
