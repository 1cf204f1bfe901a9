// expect: not proved; aim: a second include switches assertions on again
#define NDEBUG
#include <assert.h>
#undef NDEBUG
#include <assert.h>
int main(void){int x=0; assert(x==1);
//@ assert x==0;
}
