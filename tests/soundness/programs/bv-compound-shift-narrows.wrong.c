// aim: a compound assignment to a short reduces the result
// options: --int-width 32
int main() {
  unsigned short s = 1;
  for (int i = 0; i < 16; i++) s <<= 1;
  assert(s != 0);
}
