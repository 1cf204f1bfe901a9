// aim: a macro argument is substituted as text
#define SQ(x) x*x
int main() {
  int y = SQ(1 + 2);
  assert(y == 5);
}
