// aim: a branch that looks dead is reachable for one value
int main() {
  int x = unknown_int();
  if (x + 3 < 5) {
    if (x * 2 > 0) assert(0);
  }
}
