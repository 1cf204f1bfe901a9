// expect: not proved; only a jump leads to the assertion
int unknown_int(void);
int main() {
  int x = unknown_int();
  if (x == 42) goto fail;
  return 0;
  { fail: { ; //@ assert \false;
  } }
}
