// aim: the index and the increment of it are unsequenced
int main() {
  int a[2] = {9, 9};
  int i = 0;
  a[i] = i; i++;
  assert(a[0] == 0 && i == 1);
}
