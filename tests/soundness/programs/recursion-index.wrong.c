// aim: an index out of range deep in a recursion is found
extern int unknown_int(void);
int a[4];
void put(int n) {
  if (n < 0) return;
  a[n] = 1;
  put(n - 1);
}
int main() {
  int n = unknown_int();
  assume(n <= 4);
  put(n);
  assert(1);
}
