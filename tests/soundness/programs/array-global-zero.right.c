// aim: a global array starts with zeros and keeps what calls write
int table[3];
void mark(int i) {
  table[i] = table[i] + 1;
}
int main() {
  for (int i = 0; i < 4; i++) mark(i % 3);
  assert(table[0] == 2 && table[1] == 1);
}
