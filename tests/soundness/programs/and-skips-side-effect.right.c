// aim: && does not evaluate its right operand when the left one is false
int main() {
  int x = 0, z = 0;
  if (z && x++) z = 2;
  assert(x == 0);
}
