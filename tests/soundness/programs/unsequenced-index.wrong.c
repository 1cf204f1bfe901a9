// aim: the index and the increment of it are unsequenced
// confirm: no (undefined behaviour that a compiler resolves in one way)
int main() {
  int a[2] = {9, 9};
  int i = 0;
  a[i] = i++;
  assert(a[0] == 0);
}
