// expect: not proved; aim: the standard predefines __STDC__
int main(void){int x=0;
#ifdef __STDC__
x=1;
#endif
assert(x==0);}
