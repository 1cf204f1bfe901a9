// expect: proved; aim: an extern declaration before the definition
extern int x; int x; int main(void){assert(x==0);}
