// aim: ==> binds weaker than ||
// runtime: !(x > 0 || x < 0) || x != 1
int main() {
  int x = unknown_int();
  //@ assert x > 0 || x < 0 ==> x != 1;
}
