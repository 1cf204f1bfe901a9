// aim: an unsigned countdown with >= 0 never ends at zero
int main() {
  for (unsigned i = 3; i > 0; i--) assert(i <= 3);
}
