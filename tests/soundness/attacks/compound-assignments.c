// expect: proved; aim: compound assignments in a file with directives
#define N 4
int main(void){ int a = 3; a ^= 4; a |= N; a %= 5; assert(a==2); }
