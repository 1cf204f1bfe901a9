// aim: two indices may be equal
int main() {
  int a[4] = {0, 0, 0, 0};
  int i = unknown_int(), j = unknown_int();
  assume(i >= 0 && i < 4 && j >= 0 && j < 4);
  assume(i != j);
  a[i] = 1;
  a[j] = 2;
  assert(a[i] == 1);
}
