// aim: a macro is redefined between its two uses
#define K 3
int main() {
  int a = K;
#undef K
#define K 8
  int b = K;
  assert(a == 3 && b == 3);
}
