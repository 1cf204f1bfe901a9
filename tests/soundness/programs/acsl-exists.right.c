// aim: an existentially quantified assertion needs a witness
// runtime: a[0] == 7 || a[1] == 7 || a[2] == 7
int main() {
  int a[3] = {1, 2, 3};
  int i = unknown_int();
  assume(i >= 0 && i < 3);
  a[i] = 7;
  //@ assert \exists integer k; 0 <= k < 3 && a[k] == 7;
}
