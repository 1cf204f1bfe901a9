// expect: refused; two labels of one name
int main() {
  goto a;
a:
  assert(1);
a:
  assert(1);
}
