// aim: two increments of one variable in one expression are unsequenced
// confirm: no (undefined behaviour that a compiler resolves in one way)
int main() {
  int i = 1;
  int s = i++ + i++;
  assert(s == 3 && i == 3);
}
