// aim: a nondeterministic test may change from iteration to iteration
int main() {
  int a = 0, b = 0, i = 0;
  int fixed = unknown_int();
  while (i < 4) {
    if (unknown_int()) a++;
    else b++;
    i++;
  }
  assert(a == 0 || b == 0);
}
