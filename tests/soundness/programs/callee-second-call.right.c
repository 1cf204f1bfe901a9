// aim: the assertion of a callee fails in its second call
void check(int a) {
  assert(a < 6);
}
int main() {
  check(1);
  check(5);
}
