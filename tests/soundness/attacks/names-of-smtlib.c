// expect: proved; aim: variables named like symbols of SMT-LIB
int main(void){ int true = 0, let = 1, d = 2; while (true < 10) { true++; let++; d += 2; } assert(let == true + 1 && d == 2*true + 2); }
