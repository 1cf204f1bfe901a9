// aim: the index of an array access is itself an element
int main() {
  int a[3] = {1, 2, 0};
  a[a[0]] = 7;
  assert(a[0] == 7);
}
