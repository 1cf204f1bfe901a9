// aim: a contradictory precondition does not make the assertions of a function hold
/*@ requires x > 0 && x < 9; */
void f(int x) {
  assert(x > 0);
}
int main() {
  f(1);
}
