// expect: not proved; aim: an attribute that changes a type
typedef int qi __attribute__((__mode__(__QI__))); int main(void){ qi x=300; assert(x==300); }
