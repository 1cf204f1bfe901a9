// aim: ==> binds weaker than ||
// runtime: !(x > 0 || x < 0) || x != 0
int main() {
  int x = unknown_int();
  //@ assert x > 0 || x < 0 ==> x != 0;
}
