// aim: assume(0) after a failing assertion does not hide it
int main() {
  int x = unknown_int();
   assert(x != 3);
  assume(0);
}
