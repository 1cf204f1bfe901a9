// expect: refused; aim: the same for a static object
int main(void){ typedef int A[5]; static A a; assert(1);}
