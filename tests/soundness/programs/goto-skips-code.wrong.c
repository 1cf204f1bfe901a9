// aim: what lies between a jump and its label is not executed
int main() {
  int x = 1, y = unknown_int();
  if (y > 0) goto out;
  x = 2;
out:
  assert(x == 2);
}
