// expect: proved; aim: the same in the body of a macro
#define SET(v) /* a
b */ x = v
int main(void){int x=0; SET(3); assert(x==3);}
