// expect: not proved; aim: the parameter of a declared __VERIFIER_assert is an int
extern void __VERIFIER_assert(int); int main(void){ long x=4294967296; __VERIFIER_assert(x); }
