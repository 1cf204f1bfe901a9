// aim: a local variable hides an enumerator
enum size { BIG = 100 };
int main() {
  int n = BIG;
  {
    int BIG = 1;
    n += BIG;
  }
  assert(n == 101);
}
