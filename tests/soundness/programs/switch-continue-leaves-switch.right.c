// aim: continue in a switch goes on with the loop around it
int main() {
  int n = 0;
  for (int i = 0; i < 5; i++) {
    switch (i) {
      case 2: continue;
      default: break;
    }
    n++;
  }
  assert(n == 4);
}
