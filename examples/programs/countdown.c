/* An unsigned countdown.
 * Proved: what one side loses the other side gains, so the total never changes.
 */
#include <assert.h>

unsigned unknown_uint(void);

int main(void)
{
    unsigned start = unknown_uint();
    if (start > 1000000)
        return 0;
    unsigned left = start;
    unsigned moved = 0;
    while (left > 0) {
        left = left - 1;
        moved = moved + 1;
    }
    assert(moved == start);
    return 0;
}
