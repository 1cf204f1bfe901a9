// expect: refused; there is no such label
int main() {
  if (1) goto nowhere;
  assert(1);
}
