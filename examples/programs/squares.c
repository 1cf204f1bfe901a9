/* The sum of the first n squares: the invariant is a polynomial of degree three. */
int unknown_int(void);

int main(void) {
    int n = unknown_int();
    if (n < 0)
        return 0;
    int i = 0, sum = 0;
    while (i < n) {
        i = i + 1;
        sum = sum + i * i;
    }
    assert(6 * sum == n * (n + 1) * (2 * n + 1));
    return 0;
}
