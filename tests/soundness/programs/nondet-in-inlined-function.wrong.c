// aim: a nondeterministic value inside a function is new in every call
int pick(int lo) {
  int v = unknown_int();
  assume(v >= lo);
  return v;
}
int main() {
  int a = pick(0);
  int b = pick(0);
  assert(a == b);
}
