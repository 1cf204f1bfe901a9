// aim: a wrong list of variables assigned by a loop is not believed
int main() {
  int i = 0, s = 0;
  /*@ loop assigns i; */
  while (i < 3) {
    i++;
    s++;
  }
  assert(s == 0);
}
