// aim: a definition of __VERIFIER_assert in the file decides what it means
extern void reach_error(void);
void __VERIFIER_assert(int cond) {
  if (cond > 3) { reach_error(); }
}
int main() {
  int i = 0;
  while (i < 5) i++;
  __VERIFIER_assert(i);
}
