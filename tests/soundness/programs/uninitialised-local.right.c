// aim: a local variable without an initialiser has any value
int main() {
  int x = 0;
  assert(x == 0);
}
