// expect: not proved; aim: NDEBUG removes the assertion and its side effect
#define NDEBUG
#include <assert.h>
int main(void){int x=0; assert(x=1);
//@ assert x==1;
}
