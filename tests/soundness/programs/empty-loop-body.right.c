// aim: a semicolon after the header is the whole body
int main() {
  int i, s = 0;
  for (i = 0; i < 5; i++);
  {
    s++;
  }
  assert(s == 1);
}
