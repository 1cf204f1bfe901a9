// aim: a return value is converted to the type of the function
unsigned char low(int v) {
  return v;
}
int main() {
  int r = low(256);
  assert(r == 256);
}
