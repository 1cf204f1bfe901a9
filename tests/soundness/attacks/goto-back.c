// expect: refused; a loop made of a jump
int main() {
  int i = 0;
again:
  i++;
  if (i < 10) goto again;
  assert(i == 10);
}
