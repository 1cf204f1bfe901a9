// aim: a loop writes one element past the end
int main() {
  int a[5];
  int i;
  for (i = 0; i < 5; i++) a[i] = 0;
  assert(i > 0);
}
