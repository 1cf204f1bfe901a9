// aim: a hexadecimal literal that does not fit int is unsigned
// options: --int-width 32
int main() {
  int x = -1;
  assert(x < 0xffffffff);
}
