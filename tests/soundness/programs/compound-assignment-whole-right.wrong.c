// aim: x *= a + b multiplies by the whole right side
int main() {
  int x = 2;
  x *= 2 + 1;
  assert(x == 5);
}
