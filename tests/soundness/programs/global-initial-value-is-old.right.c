// aim: a global has its initial value only at the start of main
int limit = 3;
void raise_limit(void) {
  limit = limit + 1;
}
int main() {
  int i = 0;
  while (i < limit) {
    if (i == 2) raise_limit();
    i++;
  }
  assert(i == 4);
}
