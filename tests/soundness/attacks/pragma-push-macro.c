// expect: not proved; aim: a pragma that changes a macro
#define N 1
#pragma push_macro("N")
#undef N
#define N 2
#pragma pop_macro("N")
int main(void){assert(N==2);}
