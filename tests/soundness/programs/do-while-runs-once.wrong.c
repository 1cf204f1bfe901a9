// aim: the body of do-while runs before the first test
int main() {
  int i = 10;
  do {
    i++;
  } while (i < 5);
  assert(i == 10);
}
