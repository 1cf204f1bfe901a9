// expect: not proved; aim: minus and a macro that begins with minus do not make a decrement
#define NEG -x
int main(void){int x=5; int y=-NEG; assert(y==4 && x==4);}
