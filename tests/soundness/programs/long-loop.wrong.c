// aim: an assertion fails only after many iterations
int main() {
  int i = 0;
  while (i < 1000000) i++;
  assert(i < 1000000);
}
