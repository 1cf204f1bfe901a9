// expect: refused; aim: an object of an array typedef
typedef int A[5]; A a; int main(void){assert(1);}
