/* Two variables that move in lockstep, one of them behind a branch.
 * Proved: x and y always add up to the number of rounds.
 */
#include <assert.h>

int unknown(void);

int main(void)
{
    int x = 0, y = 0, rounds = 0;
    while (unknown()) {
        if (unknown())
            x++;
        else
            y++;
        rounds++;
    }
    assert(x + y == rounds);
    return 0;
}
