// aim: #ifdef looks at the definition at its place
#define GUARD
int main() {
  int x = unknown_int();
#ifdef GUARD
  x = 0;
#endif
  assert(x == 0);
}
