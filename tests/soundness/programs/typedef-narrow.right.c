// aim: a typedef name stands for its narrow type
typedef unsigned char byte;
int main() {
  byte b = 254;
  b++;
  assert(b > 0);
}
