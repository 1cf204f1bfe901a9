// expect: not proved; aim: a declaration that a switch jumps over keeps an old value
int main(void){ int i; for(i=0;i<2;i++){ switch(i){ int x; case 0: x=1; break; case 1: assert(x==1); } } }
