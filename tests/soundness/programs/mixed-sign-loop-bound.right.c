// aim: an unsigned bound makes the comparison of a negative index unsigned
int main() {
  unsigned n = 3;
  int runs = 0;
  for (int i = -1; i < (int)n; i++) runs++;
  assert(runs == 4);
}
