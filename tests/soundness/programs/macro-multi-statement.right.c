// aim: a macro of two statements under an if without braces
#define RESET(a, b) a = 0; b = 0
int main() {
  int c = unknown_int(), a = 1, b = 1;
  if (c > 0) RESET(a, b);
  assert(b == 0);
}
