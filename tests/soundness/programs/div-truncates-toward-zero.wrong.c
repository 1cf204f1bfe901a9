// aim: division of a negative number truncates toward zero
int main() {
  int x = -7;
  int q = x / 2;
  assert(q == -4);
}
