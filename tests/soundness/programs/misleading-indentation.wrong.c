// aim: only the first statement belongs to an if without braces
int main() {
  int c = unknown_int(), x = 0, y = 0;
  if (c > 0)
    x = 1;
    y = 1;
  assert(y == x);
}
