// aim: an unsigned decrement below zero gives a large number
int main() {
  unsigned x = 1;
  x--;
  assert(x < 10);
}
