// expect: proved; aim: the number of arguments is not negative
int main(int argc,char**argv){assert(argc>=0);}
