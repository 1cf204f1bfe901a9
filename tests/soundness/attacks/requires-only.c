// expect: proved; aim: a precondition that callers meet
//@ requires x > 0;
int f(int x){ return x; }
int main(void){ assert(f(2)==2); }
