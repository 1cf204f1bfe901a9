// aim: a failing assertion in an annotation does not help the one after it
int main() {
  int x = unknown_int();
  //@ assert x > 0;
  assert(x > 0);
}
