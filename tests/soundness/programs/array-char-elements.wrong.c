// aim: elements of an unsigned char array are reduced
int main() {
  unsigned char a[2] = {250, 0};
  for (int i = 0; i < 10; i++) a[0]++;
  assert(a[0] >= 250);
}
