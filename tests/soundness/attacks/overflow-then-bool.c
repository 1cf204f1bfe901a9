// expect: not disproved; where x is 65536 the product has left its type
extern int unknown_int(void);
int main(void) {
  int x = unknown_int();
  _Bool b = x * 65536;
  if (x % 65536 == 0) assert(b == 0 || x != 65536);
}
