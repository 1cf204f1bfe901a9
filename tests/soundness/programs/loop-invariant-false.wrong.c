// aim: the invariant \false does not prove anything
int main() {
  int i = 0;
  /*@ loop invariant \false; */
  while (i < 3) i++;
  assert(i == 4);
}
