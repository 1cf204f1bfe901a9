// aim: an array without an initialiser has any contents
int main() {
  int a[3] = {0};
  assert(a[2] == 0);
}
