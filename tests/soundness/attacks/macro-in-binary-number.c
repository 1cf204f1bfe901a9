// expect: not proved; aim: a macro named like the end of a binary number
#define b1 +9
int main(void){ assert(0b1 == 9); }
