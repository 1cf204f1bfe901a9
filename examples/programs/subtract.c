/* The subtraction game, the heart of Euclid's algorithm.
 * Proved: two positive numbers from which the smaller is taken over and over stay positive.
 */
#include <assert.h>

int unknown_int(void);

int main(void)
{
    int a = unknown_int();
    int b = unknown_int();
    if (a < 1 || b < 1)
        return 0;
    while (a != b) {
        if (a > b)
            a = a - b;
        else
            b = b - a;
    }
    assert(a >= 1 && a == b);
    return 0;
}
