// expect: not proved; aim: a remainder in #if truncates
int main(void){int x=0;
#if -7%3 == -1
x=1;
#endif
assert(x==0);}
