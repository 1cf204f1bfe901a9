// aim: a chain of comparisons in C compares the truth value of the first
int main() {
  int x = 10;
  assert(!(1 < x < 5));
}
