// aim: an early return leaves only some executions for the assertion
int main() {
  int x = unknown_int();
  if (x > 5) return 0;
  assert(x < 5);
  return 0;
}
