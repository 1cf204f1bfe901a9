// aim: an else belongs to the nearest if
int main() {
  int a = unknown_int(), b = unknown_int(), r = 0;
  if (a > 0)
    if (b > 0)
      r = 1;
  else
    r = 2;
  if (a <= 0) assert(r == 2);
}
