// expect: not proved; aim: __builtin_expect has type long
int main(void){ unsigned u=0; assert(__builtin_expect(u,0)-1 > 0); }
