// aim: a universally quantified assertion fails for the last element
// runtime: a[0] == 0 && a[1] == 0 && a[2] == 0 && a[3] == 0 && a[4] == 0
int main() {
  int a[5] = {9, 9, 9, 9, 9};
  for (int i = 0; i < 4; i++) a[i] = 0;
  //@ assert \forall integer k; 0 <= k < 5 ==> a[k] == 0;
}
