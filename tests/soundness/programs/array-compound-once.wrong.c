// aim: the index of a compound assignment is evaluated once
int main() {
  int a[3] = {1, 1, 1};
  int i = 0;
  a[i++] += 4;
  assert(i == 2 && a[0] == 5);
}
