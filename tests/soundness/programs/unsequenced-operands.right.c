// aim: two increments of one variable in one expression are unsequenced
int main() {
  int i = 1;
  int s = i++;
  s += i++;
  assert(s == 3 && i == 3);
}
