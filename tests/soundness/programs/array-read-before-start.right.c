// aim: a scan downwards reads the element at -1
int main() {
  int a[3] = {4, 5, 6};
  int i = 2;
  int x = unknown_int();
  while (i >= 0 && a[i] != x) i--;
  assert(i < 3);
}
