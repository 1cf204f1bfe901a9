// aim: the sum of two _Bool values is an int
int main() {
  _Bool p = -1, q = 7;
  int s = p + q;
  assert(s == 2);
}
