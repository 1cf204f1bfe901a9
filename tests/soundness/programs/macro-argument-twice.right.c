// aim: a macro evaluates the side effects of its argument twice
#define MAX(a, b) ((a) > (b) ? (a) : (b))
int main() {
  int x = 5;
  int m = MAX(x++, 3);
  assert(m == 6 && x == 7);
}
