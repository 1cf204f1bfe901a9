// aim: assigning to unsigned char reduces the value
int main() {
  int v = 300;
  unsigned char c = v;
  assert(c == 300);
}
