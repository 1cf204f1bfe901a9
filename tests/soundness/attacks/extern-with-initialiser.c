// expect: not proved; aim: an extern declaration with an initialiser is a definition
extern int x = 5; int x; int main(void){ assert(x==0); }
