// aim: ==> associates to the right
// runtime: !(x > 0) || !(x > 1) || x > 2
int main() {
  int x = unknown_int();
  //@ assert x > 0 ==> x > 1 ==> x > 2;
}
