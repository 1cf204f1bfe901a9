// expect: not proved; aim: an attribute with spaced parentheses
int g; __attribute__( (constructor) ) void init(void){g=1;} int main(void){ assert(g==0); }
