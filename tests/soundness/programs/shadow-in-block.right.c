// aim: a variable of an inner block hides the outer one and ends with it
int main() {
  int x = 1;
  {
    int x = 2;
    x++;
  }
  assert(x == 1);
}
