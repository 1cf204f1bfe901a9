// aim: every call of a nondeterministic function gives a new value
int main() {
  int a = unknown_int();
  assert(a == a);
}
