// aim: an array argument is not copied
void set(int a[]) {
  a[1] = 9;
}
int main() {
  int a[2] = {1, 1};
  set(a);
  assert(a[1] == 9);
}
