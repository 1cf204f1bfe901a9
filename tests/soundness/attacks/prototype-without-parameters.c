// expect: not proved; aim: a later prototype without parameters
extern void __VERIFIER_assert(int); extern void __VERIFIER_assert(); int main(void){ long x=4294967296; __VERIFIER_assert(x); }
