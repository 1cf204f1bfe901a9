// aim: a jump leaves both loops, with the values of its moment
int main() {
  int i, j;
  for (i = 0; i < 5; i++)
    for (j = 0; j < 5; j++)
      if (i + j == 6) goto found;
  return 0;
found:
  assert(i + j == 6 && i == 3);
}
