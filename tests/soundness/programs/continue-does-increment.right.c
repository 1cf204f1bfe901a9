// aim: continue in a for loop still does the increment
int main() {
  int s = 0, i;
  for (i = 0; i < 10; i++) {
    if (i == 5) continue;
    s++;
  }
  assert(i == 10 && s == 9);
}
