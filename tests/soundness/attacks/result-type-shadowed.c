// expect: not proved; aim: a result type is looked up where the function is called
typedef unsigned char T; T f(int x){ return x; }
int main(void){ typedef int T; T y=0; assert(f(300)==300); return y; }
