// aim: a global without an initialiser is zero, a local is not
int main() {
  int x;
  assert(x == 0);
}
