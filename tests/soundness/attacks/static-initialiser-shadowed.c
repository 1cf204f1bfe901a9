// expect: not proved; aim: a static initialiser is evaluated in another scope
enum {N=3}; int main(void){ enum {N=5}; static int x = N; assert(x == 3); }
