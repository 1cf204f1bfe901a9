// aim: a function called in the increment of a for loop asserts
int step(int i) {
  assert(i < 10);
  return i + 1;
}
int main() {
  for (int i = 0; i < 10; i = step(i)) {
  }
}
