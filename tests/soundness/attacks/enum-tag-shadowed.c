// expect: not proved; aim: an enumeration tag is looked up where the function is called
enum E{A=-1}; enum E f(void){return A;} int main(void){ enum E{B=1}; assert(f()-1 > 0); }
