// aim: elements without an initialiser are zero
int main() {
  int a[4] = {1, 2};
  assert(a[1] == 2 && a[3] == 2);
}
