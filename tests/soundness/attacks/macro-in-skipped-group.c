// expect: not proved; aim: a definition inside of #if 0
#if 0
#define N 5
#endif
int unknown_int(void);
int main(void){ int N=unknown_int();
//@ assert N == 5;
}
