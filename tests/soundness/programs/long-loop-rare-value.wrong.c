// aim: one value deep in a long loop fails
int main() {
  for (int i = 0; i < 5000; i++) assert(i != 4321);
}
