// aim: an invariant of the inner loop is broken by the outer one
int main() {
  int s = 0;
  for (int i = 0; i < 3; i++) {
    int j = 0;
    /*@ loop invariant j <= 2; */
    while (j < 2) {
      j++;
      s++;
    }
  }
  assert(s <= 6);
}
