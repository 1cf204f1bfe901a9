// aim: a loop with an unsigned char counter wraps at 256
int main() {
  unsigned char c = 0;
  int n = 0;
  while (n < 300) {
    c++;
    n++;
  }
  assert(c == n);
}
