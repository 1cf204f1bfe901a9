// aim: a chain of comparisons in an annotation is a conjunction
// runtime: 0 <= x && x <= 5
int main() {
  int x = unknown_int();
  assume(x >= 0);
  //@ assert 0 <= x <= 5;
}
