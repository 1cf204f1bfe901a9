// expect: refused; aim: an #error that is reached
#ifndef FOO
#error need FOO
#endif
int main(void){ assert(1); }
