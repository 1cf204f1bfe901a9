// expect: refused; aim: the pragma that stands for annotations, forged
int main(void){ _Pragma("lemmata_" "annotation 7") assert(1);}
