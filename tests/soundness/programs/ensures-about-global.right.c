// aim: a wrong postcondition about a global is not believed
int g = 0;
/*@ ensures g == 1; */
void touch(int c) {
  if (c > 0) g = 1;
  g = 1;
}
int main() {
  touch(unknown_int());
  assert(g == 1);
}
