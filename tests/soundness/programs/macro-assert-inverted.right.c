// aim: a macro gives assume the opposite meaning
#include <stdlib.h>
#define assume(e) if (e) exit(0)
int main() {
  int x = unknown_int();
  assume(x > 0);
  assert(x <= 0);
}
