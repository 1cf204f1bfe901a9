/** Room between the children of one parent and those of the next, in rows. */
const FAMILY_GAP = 0.4;

/**
 * Vertical places of a tree's rows, in rows (1 = one row below). `parent` lists the parent of each row in
 * preorder, -1 for the root.
 *
 * A parent stands beside its first child, not beside the middle of its children: the root of a search with
 * thousands of rows would otherwise stand alone, screens away from every step. Each subtree goes as far up as
 * the columns that it begins in are free. So it reads like an outline, rows that come later never move those
 * above them, which keeps a live picture still, and one pass over the rows does it.
 */
export function tidy(parent: Int32Array): Float32Array {
  const count = parent.length;
  const places = new Float32Array(count);
  const level = new Int32Array(count);
  const first = new Int32Array(count).fill(-1);
  for (let row = 1; row < count; row++) {
    const above = parent[row] as number;
    level[row] = (level[above] as number) + 1;
    if (first[above] === -1) first[above] = row;
  }
  const used: number[] = []; // the lowest place taken in each column, and whose child stands there
  const owner: number[] = [];
  for (let row = 0; row < count; row++) {
    // A first child was placed with its parent, and so on up: each row belongs to one such chain.
    if (row > 0 && first[parent[row] as number] === row) continue;
    let place = 0;
    for (let next = row; next >= 0; next = first[next] as number) {
      const column = level[next] as number;
      const last = used[column];
      if (last !== undefined) place = Math.max(place, last + 1 + (owner[column] === parent[next] ? 0 : FAMILY_GAP));
    }
    for (let next = row; next >= 0; next = first[next] as number) {
      const column = level[next] as number;
      places[next] = place;
      used[column] = place;
      owner[column] = parent[next] as number;
    }
  }
  return places;
}
