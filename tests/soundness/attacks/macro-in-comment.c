// expect: not proved; aim: a definition inside of a comment
/*
#define N 5
*/
int unknown_int(void);
int main(void){ int N=unknown_int();
//@ assert N == 5;
}
