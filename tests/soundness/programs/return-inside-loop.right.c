// aim: a return inside the loop of a callee ends the call, not the caller
int find(int n, int k) {
  for (int i = 0; i < n; i++) {
    if (i == k) return i;
  }
  return -1;
}
int main() {
  int r = find(10, 3);
  assert(r == 3);
}
