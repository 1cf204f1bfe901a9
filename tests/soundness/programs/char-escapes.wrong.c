// aim: escapes in character literals: newline, octal, hexadecimal, backslash
int main() {
  int n = '\n';
  int o = '\101';
  int h = '\x41';
  int z = '\0';
  assert(n == 13 && o == 65 && h == 65 && z == 0);
}
