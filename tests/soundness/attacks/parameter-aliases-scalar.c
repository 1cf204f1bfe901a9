// expect: not proved; aim: an array parameter overlaps a global integer
int g; void f(int a[]){ g=1; a[0]=2; assert(g==1); }
