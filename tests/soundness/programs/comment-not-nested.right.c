// aim: comments do not nest
int main() {
  int x = 1;
  /* outer /* inner */ x = 2; /* end */
  assert(x == 2);
}
