// expect: not proved; aim: the type of an unknown function is looked up where it is called
typedef int T; T unknown(void); int main(void){ typedef unsigned char T; T z=0; int x=unknown(); assert(x>=0); }
