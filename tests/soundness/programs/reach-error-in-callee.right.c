// aim: reach_error behind two calls
extern void reach_error(void);
void fail(int code) {
  if (code > 4) reach_error();
}
void check(int v) {
  fail(v + 1);
}
int main() {
  for (int i = 0; i < 4; i++) check(i);
}
