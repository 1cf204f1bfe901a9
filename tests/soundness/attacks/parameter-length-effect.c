// expect: not proved; aim: a length in a parameter declaration has a side effect
void f(int n,int m[][n++]){m[0][0]=n;}
int main(void){ int a[2][3]; f(3,a); assert(a[0][0]==3); }
