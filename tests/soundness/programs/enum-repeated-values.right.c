// aim: two enumerators may have the same value
enum level { LOW = 1, MID, HIGH = 1 };
int main() {
  enum level v = HIGH;
  int r = 0;
  if (v == LOW) r = 1;
  assert(r == 1 && MID == 2);
}
