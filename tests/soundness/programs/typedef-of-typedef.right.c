// aim: a chain of typedef names keeps unsignedness
typedef unsigned int word;
typedef word count;
int main() {
  count c = 2;
  c = c - 1;
  assert(c <= 2);
}
