// expect: not proved; aim: a backslash and a space at the end of a line
int main(void){int x=0; // hmm \ 
x = 1;
assert(x==1);}
