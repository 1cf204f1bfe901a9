// aim: a loop invariant of the user that the body breaks is not believed
int main() {
  int x = 0;
  /*@ loop invariant x <= 10; */
  while (x < 10) x++;
  assert(x <= 10);
}
