// aim: a postcondition that the body does not establish is not believed
/*@ ensures \result > x; */
int next(int x) {
  return x - 1;
}
int main() {
  int r = next(1);
  assert(r > 1);
}
