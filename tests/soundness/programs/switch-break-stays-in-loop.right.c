// aim: break in a switch does not leave the loop around it
int main() {
  int i = 0;
  while (i < 6) {
    switch (i) {
      case 3: break;
    }
    i++;
  }
  assert(i == 6);
}
