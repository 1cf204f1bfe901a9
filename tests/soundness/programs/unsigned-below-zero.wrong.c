// aim: an unsigned decrement below zero gives a large number
int main() {
  unsigned x = 0;
  x--;
  assert(x < 10);
}
