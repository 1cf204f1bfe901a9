// aim: comparing int with unsigned converts the int
int main() {
  int x = -1;
  unsigned y = 1;
  assert(x < (int)y);
}
