// aim: an enumerator without a value is one more than the one before
enum mode { OFF, ON = 5, AUTO };
int main() {
  int m = AUTO;
  assert(m == 2 && OFF == 0);
}
