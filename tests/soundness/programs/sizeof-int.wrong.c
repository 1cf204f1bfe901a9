// aim: sizeof gives the size in bytes
int main() {
  int n = sizeof(int);
  assert(n == 8);
}
