// aim: masking keeps the low bits, also of a negative number
// options: --int-width 32
int main() {
  int x = unknown_int();
  assert((x & 3) >= 0);
}
