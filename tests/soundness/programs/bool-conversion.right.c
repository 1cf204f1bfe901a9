// aim: conversion to _Bool gives 0 or 1
int main() {
  int v = unknown_int();
  assume(v > 1);
  _Bool b = v;
  assert(b == 1);
}
