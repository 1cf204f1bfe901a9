// aim: || does not evaluate its right operand when the left one is true
int main() {
  int n = unknown_int();
  int calls = 0;
  if (n > 0 || ++calls > 0) n = 1;
  assert(calls == 0 || calls == 1);
}
