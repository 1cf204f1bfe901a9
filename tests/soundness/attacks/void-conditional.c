// expect: proved; aim: a conditional of void operands, and a comment after an annotation
int main(void){ int c=1; c ? (void)0 : (void)1; assert(c);
//@ assert c == 1; // comment
}
