// aim: multiplication by repeated addition with a negative count
int main() {
  int a = unknown_int(), b = unknown_int();
  assume(b >= 0);
  int p = 0;
  for (int i = 0; i < b; i++) p += a;
  assert(p == a * b);
}
