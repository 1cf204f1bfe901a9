// aim: the value of an assignment is the converted one
int main() {
  int a;
  unsigned char b;
  a = b = 200;
  assert(a == 200);
}
