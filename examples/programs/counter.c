/* A bounded counter.
 * Proved: however large n is, the loop ends its count exactly at n.
 */
#include <assert.h>

int unknown_int(void);

int main(void)
{
    int n = unknown_int();
    if (n < 0)
        return 0;
    int i = 0;
    while (i < n) {
        i++;
    }
    assert(i == n);
    return 0;
}
