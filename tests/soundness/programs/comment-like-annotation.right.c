// aim: a comment that only resembles an annotation assumes nothing
int main() {
  int x = unknown_int();
  // assume x > 0; requires x > 0; loop invariant x > 0
  /* @ requires x > 0; */
  assert(x > 0 || x <= 0);
}
