// aim: the difference of unsigned numbers is never negative
int main() {
  unsigned a = 3, b = 5;
  unsigned d = b - a;
  assert(d <= 5);
}
