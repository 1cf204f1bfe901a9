// aim: labels of the same name in two functions are two labels
int f(int a) {
  if (a > 3) goto out;
  return 1;
out:
  return 2;
}
int main() {
  int r = f(unknown_int());
  if (r == 1) goto out;
  r = r + f(0);
out:
  assert(r == 1);
}
