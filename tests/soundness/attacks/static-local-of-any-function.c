// expect: not proved; aim: a static local of a function that may have run before
int f(void){ static int n=0; assert(n==0); n++; return n; }
