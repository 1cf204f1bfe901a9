// aim: a global without an initialiser is zero, a local is not
int x;
int main() {
  assert(x == 0);
}
