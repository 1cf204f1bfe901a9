// expect: not proved; aim: the pragma of annotations, through a line splice
//@ requires x>0;
int g(int x){return x;}
#pragma lemmata_anno\
tation 0
int f(int x){assert(x>0);return 0;}
