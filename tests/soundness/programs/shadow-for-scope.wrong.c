// aim: a variable declared in a for header ends with the loop
int main() {
  int i = 7;
  for (int i = 0; i < 3; i++) {
  }
  assert(i == 3);
}
