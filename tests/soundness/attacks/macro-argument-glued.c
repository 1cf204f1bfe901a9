// expect: proved; aim: minus and an argument that begins with minus do not make a decrement
#define NEG(a) (-a)
int main(void){int b=5; int y=NEG(-b); assert(y==5 && b==5);}
