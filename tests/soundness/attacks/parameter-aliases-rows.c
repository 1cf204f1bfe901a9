// expect: not proved; aim: a parameter overlaps a global array of arrays
int g[3][3]; void f(int a[]){ g[0][0]=0; a[0]=1; assert(g[0][0]==0); }
