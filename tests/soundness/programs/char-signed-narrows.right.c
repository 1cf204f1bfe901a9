// aim: assigning 200 to a signed char changes it
int main() {
  signed char c = 200;
  unsigned char u = 200;
  assert(u == 200);
}
