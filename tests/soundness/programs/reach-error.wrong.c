// aim: a call of reach_error is a failed assertion
extern void reach_error(void);
int main() {
  int i = 0;
  while (i < 10) i += 3;
  if (i != 10) reach_error();
}
