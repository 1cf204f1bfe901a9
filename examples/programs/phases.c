/* Two loops one after the other: climb, then come down again.
 * Proved: what the first loop builds up, the second takes away completely.
 */
#include <assert.h>

int unknown_int(void);

int main(void)
{
    int n = unknown_int();
    if (n < 0)
        return 0;
    int height = 0;
    for (int i = 0; i < n; i++) {
        height = height + 2;
    }
    while (height > 0) {
        height = height - 1;
    }
    assert(height == 0);
    return 0;
}
