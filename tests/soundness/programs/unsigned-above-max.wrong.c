// aim: an unsigned increment above the maximum wraps
int main() {
  unsigned x = 4294967295u;
  x++;
  assert(x != 0);
}
