// aim: a label is reached from above, too
int main() {
  int x = 0, y = unknown_int();
  if (y == 3) goto here;
  x = 1;
here:
  assert(x == 0);
}
