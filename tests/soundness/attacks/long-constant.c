// expect: not proved; aim: a constant outside of int in unbounded integers
int main(void){ long y = 2147483647 + 1; assert(y < 0); }
