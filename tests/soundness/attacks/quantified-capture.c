// expect: not proved; aim: a bound variable named like a shared part of the query
int unknown_int(void);
int main(void){ int x = unknown_int();
 if (x*3 + 7 > 20) {
  //@ assert \forall integer d; d == x*3 + 7;
 } }
