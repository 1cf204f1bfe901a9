// expect: proved; aim: whatever stands in a skipped group
#if 0
#error x
#include <foo.h>
#frob
This is the 3rd attempt
#endif
int main(void){ assert(1); }
