// aim: a wrong list of assigned variables is not believed
int g = 0;
/*@ assigns \nothing; */
void touch(void) {
  g = 4;
}
int main() {
  touch();
  assert(g == 0);
}
