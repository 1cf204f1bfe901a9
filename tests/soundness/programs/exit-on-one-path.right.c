// aim: exit ends only the executions that reach it
#include <stdlib.h>
int main() {
  int x = unknown_int();
  if (x > 3) exit(0);
  assert(x < 4);
}
