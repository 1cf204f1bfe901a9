// aim: the suffix u makes the subtraction unsigned
int main() {
  unsigned d = 3u - 4u;
  int e = 3 - 4;
  assert(e == -1);
}
