// expect: not proved; aim: ?: in #if associates to the right
int main(void){int x=0;
#if 1 ? 1 : 0 ? 0 : 0
x=1;
#endif
assert(x==0);}
