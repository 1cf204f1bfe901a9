// expect: not proved; aim: a semicolon in a comment does not end a clause
int main(void){ int i = 0;
/*@ loop invariant i >= 0 // first; loop assigns the rest
 && i <= 2; */
 while (i < 3) i++; assert(i == 3); }
