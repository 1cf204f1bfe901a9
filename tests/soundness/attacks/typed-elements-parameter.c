// expect: proved; what an array's type guarantees holds in contracts
/*@ requires a[0] + 1 > 256; ensures \false; */
void f(unsigned char a[restrict]) { }
