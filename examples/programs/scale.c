/* Two arrays, the second made from the first: the invariants speak of all elements in a segment. */
/*@ requires n > 0;
    requires \separated(from + (0 .. n - 1), to + (0 .. n - 1)); */
void scale(int from[], int to[], int n) {
    for (int i = 0; i < n; i++)
        from[i] = i;
    for (int i = 0; i < n; i++)
        to[i] = 2 * from[i] + 1;
    for (int i = 0; i < n; i++) {
        //@ assert to[i] == 2 * i + 1;
    }
}
