// aim: a negative number becomes a large unsigned one
extern int unknown_int(void);
int main() {
  int i = unknown_int();
  assume(i >= -100 && i < 0);
  unsigned u = i;
  assert(u < 4294967295u);
}
