/* Steps of two from an even start.
 * Proved: the value is even whenever the loop is left.
 */
#include <assert.h>

int unknown_int(void);

int main(void)
{
    int x = 0;
    while (unknown_int()) {
        x = x + 2;
    }
    assert(x % 2 == 0);
    return 0;
}
