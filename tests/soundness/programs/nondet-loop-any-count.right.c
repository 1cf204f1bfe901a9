// aim: a loop with a nondeterministic test runs any number of times
int main() {
  int x = 0;
  while (unknown_int()) x += 2;
  assert(x % 2 == 0);
}
