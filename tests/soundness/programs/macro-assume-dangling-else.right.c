// aim: an else after a macro that ends with if belongs to the if of the macro
#include <stdlib.h>
#define assume(e) if(!(e)) exit(-1);
int main() {
  int x = unknown_int(), y = 5;
  if (x > 0)
    assume(y > 0)
  else
    y = 1;
  assert(x <= 0 || y == 1);
}
