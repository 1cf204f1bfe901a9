// expect: not proved; aim: an attribute that runs code before main
int g; __attribute__((__constructor__)) void init(void){g=1;} int main(void){ assert(g==0); }
