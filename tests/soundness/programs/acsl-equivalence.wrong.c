// aim: <==> in an annotation is an equivalence
// runtime: (x > 2) == (y > 1)
int main() {
  int x = unknown_int(), y = 0;
  if (x > 2) y = 1;
  //@ assert x > 2 <==> y > 1;
}
