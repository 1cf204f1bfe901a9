// aim: arithmetic in an annotation is on integers, division truncates
// runtime: x / 2 == -3
int main() {
  int x = -7;
  //@ assert x / 2 == -3;
}
