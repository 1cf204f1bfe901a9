// aim: a local variable without an initialiser has any value
int main() {
  int x;
  assert(x == 0);
}
