// aim: a nondeterministic _Bool is 0 or 1
extern _Bool unknown_bool(void);
int main() {
  _Bool b = unknown_bool();
  int s = 0;
  for (int i = 0; i < 5; i++) s += b;
  assert(s == 0);
}
