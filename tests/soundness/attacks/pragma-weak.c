// expect: not proved; aim: a pragma that makes two names one object
int g; extern int h;
#pragma weak h = g
int main(void){ g=1;h=2;assert(g==1);}
