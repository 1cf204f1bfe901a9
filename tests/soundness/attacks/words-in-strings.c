// expect: proved; aim: key words inside of strings
#include <stdio.h>
int main(void){ printf("asm __attribute__ __inline"); assert(1); }
