// expect: not proved; aim: a comment of several lines does not end a directive
int x = 5
#define N 1 /*
*/ + 1
; int main(void){ assert(x==6 && N==1); }
