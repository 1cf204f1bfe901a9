// aim: neighbouring large constants are different numbers
int main() {
  long x = 9007199254740993;
  assert(x == 9007199254740993);
}
