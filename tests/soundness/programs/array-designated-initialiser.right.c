// aim: a designated initialiser sets the element it names and the following ones
int main() {
  int a[5] = {1, [3] = 8, 9};
  assert(a[1] == 0 && a[3] == 8 && a[4] == 9);
}
