// aim: a literal with a leading zero is octal
int main() {
  int i = 0;
  while (i < 010) i++;
  assert(i == 8);
}
