// aim: assigning a parameter that hides a global leaves the global alone
int g = 1;
void set(int g) {
  g = 5;
}
int main() {
  set(2);
  assert(g == 5);
}
