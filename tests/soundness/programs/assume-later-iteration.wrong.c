// aim: an assumption at the end of the body does not help an earlier iteration
int main() {
  int i = 0;
  while (i < 5) {
    assert(i != 2);
    assume(i != 2);
    i++;
  }
}
