/* An unsigned countdown.
 * Proved: what one side loses the other side gains, so the total never changes.
 */
#include <assert.h>

int unknown_int(void);

int main(void)
{
    int start = unknown_int();
    if (start < 0 || start > 1000000)
        return 0;
    unsigned left = start;
    int moved = 0;
    while (left > 0) {
        left = left - 1;
        moved = moved + 1;
    }
    assert(moved == start);
    return 0;
}
