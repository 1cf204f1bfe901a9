/* A buffer is filled from the left.
 * Proved: the cell that was written last holds its own index, and the index stays inside the buffer.
 */
#include <assert.h>

int unknown_int(void);

int main(void)
{
    int buffer[64];
    int length = unknown_int();
    if (length < 1 || length > 64)
        return 0;
    int i = 0;
    while (i < length) {
        assert(0 <= i && i < 64);
        buffer[i] = i;
        assert(buffer[i] == i);
        i++;
    }
    assert(i == length);
    return 0;
}
