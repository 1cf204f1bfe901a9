// aim: an assertion after continue is reached in some iterations
int main() {
  int i = 0;
  while (i < 10) {
    i++;
    if (i % 2) continue;
    assert(i < 10);
  }
}
