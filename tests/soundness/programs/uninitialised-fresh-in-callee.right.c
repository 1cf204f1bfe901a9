// aim: an uninitialised variable of a callee does not keep the value of the last call
int f(int set) {
  int v = 0;
  if (set) v = 1;
  return v;
}
int main() {
  int a = f(1);
  int b = f(0);
  assert(a == 1 && b == 0);
}
