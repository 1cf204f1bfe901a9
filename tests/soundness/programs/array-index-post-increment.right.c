// aim: a[i++] writes the element at the old index
int main() {
  int a[3] = {0, 0, 0};
  int i = 0;
  a[i++] = 5;
  assert(i == 1 && a[0] == 5);
}
