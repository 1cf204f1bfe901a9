// aim: the first loop's assertion holds, the one after the second loop does not
int main() {
  int i = 0, j = 0;
  while (i < 4) i++;
  assert(i == 4);
  while (j < i) j += 3;
  assert(j == 6);
}
