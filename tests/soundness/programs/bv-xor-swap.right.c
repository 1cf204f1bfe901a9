// aim: the exclusive-or swap clears an element swapped with itself
// options: --int-width 32
int main() {
  int a[3] = {1, 2, 3};
  int i = unknown_int(), j = unknown_int();
  assume(i >= 0 && i < 3 && j >= 0 && j < 3);
  assume(i != j);
  a[i] ^= a[j];
  a[j] ^= a[i];
  a[i] ^= a[j];
  assert(a[0] > 0 && a[1] > 0 && a[2] > 0);
}
