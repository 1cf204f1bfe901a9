// aim: continue in do-while goes to the test
int main() {
  int i = 0;
  do {
    i++;
    if (i == 3) continue;
    if (i == 5) break;
  } while (i < 3);
  assert(i == 3);
}
