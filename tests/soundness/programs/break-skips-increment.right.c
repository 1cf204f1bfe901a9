// aim: break in a for loop skips the increment
int main() {
  int i;
  for (i = 0; i < 10; i++) {
    if (i == 4) break;
  }
  assert(i == 4);
}
