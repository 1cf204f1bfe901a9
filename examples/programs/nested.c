/* Two nested loops over the cells of a triangle.
 * Proved: the column never gets past the row, and the row never past the size.
 */
#include <assert.h>

int unknown_int(void);

int main(void)
{
    int n = unknown_int();
    int row = 0;
    while (row < n) {
        int column = 0;
        while (column < row) {
            column++;
        }
        assert(column == row);
        row++;
    }
    assert(n < 0 || row == n);
    return 0;
}
