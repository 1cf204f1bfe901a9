// aim: after an early return of a callee the caller goes on
int g = 0;
void maybe(int c) {
  if (c) return;
  g = 1;
}
int main() {
  maybe(1);
  assert(g == 0);
}
