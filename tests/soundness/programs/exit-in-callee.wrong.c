// aim: exit in a callee ends the whole program, return does not
#include <stdlib.h>
void stop(int c) {
  if (c) return;
}
int main() {
  int x = unknown_int();
  stop(x != 1);
  assert(x == 1);
}
