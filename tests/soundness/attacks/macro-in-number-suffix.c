// expect: not proved; aim: a macro named like the end of a number
#define L -1
int main(void){ assert(1LL == 0); }
