// aim: a macro constant is substituted as text
#define N 1 + 1
int main() {
  int i = 0;
  while (i < N * 2) i++;
  assert(i == 3);
}
