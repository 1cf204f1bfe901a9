// aim: the size of an array comes from its initialiser
int main() {
  int a[] = {3, 4, 5};
  int i = 0, s = 0;
  while (i < 3) {
    s += a[i+ 1];
    i++;
  }
  assert(s >= 0);
}
