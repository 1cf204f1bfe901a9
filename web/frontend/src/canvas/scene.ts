import type { Outline } from "../model/outline";
import { BOX_HEIGHT, BOX_WIDTH, COLUMN, PITCH } from "./measures";

export interface Bounds { left: number; right: number; top: number; bottom: number }

/**
 * An outline with its places. Rows of one level stand in one column, from top to bottom in the order of the
 * outline, so what lies in a window is found by binary search.
 */
export class Scene {
  /** Rows by level, from top to bottom. */
  readonly columns: Int32Array[];
  /** Where a row stands in its column. */
  readonly order: Int32Array;
  readonly firstChild: Int32Array;
  readonly lastChild: Int32Array;
  readonly y: Float32Array;
  readonly bounds: Bounds;

  /** `places` in rows, as `tidy` gives them. */
  constructor(readonly outline: Outline, places: Float32Array) {
    const count = places.length;
    const sizes: number[] = [];
    this.y = places.map((place) => place * PITCH);
    for (let row = 0; row < count; row++) {
      const level = outline.level[row] as number;
      sizes[level] = (sizes[level] ?? 0) + 1;
    }
    this.columns = Array.from(sizes, (size) => new Int32Array(size ?? 0));
    this.order = new Int32Array(count);
    this.firstChild = new Int32Array(count).fill(-1);
    this.lastChild = new Int32Array(count).fill(-1);
    const filled = new Int32Array(sizes.length);
    let top = Infinity;
    let bottom = -Infinity;
    for (let row = 0; row < count; row++) {
      const level = outline.level[row] as number;
      const at = filled[level] as number;
      filled[level] = at + 1;
      (this.columns[level] as Int32Array)[at] = row;
      this.order[row] = at;
      const parent = outline.parent[row] as number;
      if (parent >= 0) {
        if (this.firstChild[parent] === -1) this.firstChild[parent] = row;
        this.lastChild[parent] = row;
      }
      const y = this.y[row] as number;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
    }
    this.bounds = count === 0 ? { left: 0, right: 1, top: 0, bottom: 1 } : {
      left: 0, right: (sizes.length - 1) * COLUMN + BOX_WIDTH,
      top: top - BOX_HEIGHT / 2, bottom: bottom + BOX_HEIGHT / 2,
    };
  }

  get size(): number { return this.y.length; }
  x(row: number): number { return (this.outline.level[row] as number) * COLUMN; }

  /** Places [from, to) in a column whose rows have a middle between the two heights. */
  slice(level: number, top: number, bottom: number): [number, number] {
    const column = this.columns[level];
    if (!column) return [0, 0];
    return [this.firstAt(column, top), this.firstAt(column, bottom)];
  }

  /** The place of the first row of a column at or below a height. */
  firstAt(column: Int32Array, height: number): number {
    let low = 0;
    let high = column.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.y[column[middle] as number] as number) < height) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The row of a level that is nearest to a height, -1 where the level has none. */
  nearest(level: number, height: number): number {
    const column = this.columns[level];
    if (!column || column.length === 0) return -1;
    const at = this.firstAt(column, height);
    const below = column[Math.min(at, column.length - 1)] as number;
    const above = column[Math.max(0, at - 1)] as number;
    const gap = (row: number) => Math.abs((this.y[row] as number) - height);
    return gap(above) < gap(below) ? above : below;
  }
}

export const EMPTY = new Scene(
  {
    ids: [], parent: new Int32Array(0), level: new Int32Array(0), flags: new Uint8Array(0), hidden: new Int32Array(0),
    index: new Map(), cross: [],
  },
  new Float32Array(0),
);
