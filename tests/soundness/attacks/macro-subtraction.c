// expect: proved; aim: the same between a macro and its argument
#define SUB(a,b) a-b
int main(void){int b=5; int y=SUB(1,-b); assert(y==6);}
