// aim: an assertion in an annotation is checked, also when it is the only one
int main() {
  int i = 0;
  while (i < 5) i++;
  //@ assert i == 5;
}
