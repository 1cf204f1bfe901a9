// aim: a backslash at the end of a line comment swallows the next line
int main() {
  int x = 0;
  // set it: \
  x = 1;
  assert(x == 1);
}
