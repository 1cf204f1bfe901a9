// expect: not proved; aim: a char array parameter overlaps a global array
int g[5]; void f(char a[]){ g[0]=0; a[0]=1; assert(g[0]==0); }
