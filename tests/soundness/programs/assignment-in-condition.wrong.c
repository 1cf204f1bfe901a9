// aim: = in a condition assigns
int main() {
  int x = unknown_int();
  if (x = 5) x = x + 1;
  assert(x != 6);
}
