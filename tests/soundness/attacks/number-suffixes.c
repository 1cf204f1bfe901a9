// expect: proved; aim: suffixes and compound assignments in a file with directives
#include <stdint.h>
int main(void){ long long a = 7LL; unsigned long b = 7ULL; int c = 0b11; a ^= 4LL; c <<= 2; assert(c==12 && b==7); }
