// aim: an assertion inside a loop fails in the last iteration only
int main() {
  for (int i = 0; i < 10; i++) assert(i < 10);
}
