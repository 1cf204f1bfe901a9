// aim: the negation of an unsigned number is unsigned
int main() {
  unsigned x = 1;
  int y = 1;
  assert(-y < 1);
}
