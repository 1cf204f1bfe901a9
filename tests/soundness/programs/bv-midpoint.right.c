// aim: the sum of two indices overflows
// options: --int-width 32
int main() {
  int lo = unknown_int(), hi = unknown_int();
  assume(lo >= 0 && hi >= lo);
  int mid = lo + (hi - lo) / 2;
  assert(mid >= lo && mid <= hi);
}
