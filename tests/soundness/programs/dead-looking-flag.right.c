// aim: a flag that looks constant is changed in a later iteration
int main() {
  int flag = 0, i = 0;
  while (i < 3) {
    if (flag == 2) assert(i == 2);
    flag++;
    i++;
  }
}
