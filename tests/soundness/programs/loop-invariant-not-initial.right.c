// aim: a loop invariant of the user that does not hold at the start is not believed
int main() {
  int x = unknown_int();
  assume(x >= 0);
  /*@ loop invariant x >= 0; */
  while (unknown_int()) x++;
  assert(x >= 0);
}
