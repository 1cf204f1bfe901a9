// expect: not proved; aim: an empty initialiser makes no element
int main(void){ int a[] = {}; a[0]=1; assert(a[0]==1); }
