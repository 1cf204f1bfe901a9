// aim: a comment between operands of a division
int main() {
  int x = 12;
  int y = x /* / 2 */ / 3;
  assert(y == 2);
}
