// aim: an assumption by macro that exits ends the execution, not only the loop
#include <stdlib.h>
#define assume(e) if(!(e)) exit(-1);
int main() {
  int i = 0;
  while (i < 10) {
    assume(i < 4);
    i++;
  }
  assert(i < 10);
}
