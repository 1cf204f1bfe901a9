// aim: the bounds test comes after the access in a loop test
int main() {
  int a[4] = {1, 2, 3, 4};
  int i = 0;
  while (a[i] < 9 && i < 4) i++;
  assert(i <= 4);
}
