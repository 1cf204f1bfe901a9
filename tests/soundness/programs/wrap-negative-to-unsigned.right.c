// aim: a negative number becomes a large unsigned one, and the same again on the way back
extern int unknown_int(void);
int main() {
  int i = unknown_int();
  assume(i >= -100 && i < 0);
  unsigned u = i;
  int back = u;
  assert(u >= 4294967196u && back == i);
}
