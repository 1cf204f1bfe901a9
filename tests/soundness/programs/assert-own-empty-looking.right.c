// aim: a helper named like an assumption does nothing
void require(int cond) {
}
int main() {
  int x = unknown_int();
  assume(x > 0);
  assert(x > 0);
}
