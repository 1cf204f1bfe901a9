/** Which part of a very long list of lines has to be drawn: lines stand in blocks, and a block is drawn or is empty space. */

export const BLOCK = 100;

export class Blocks {
  readonly count: number;
  /** Heights of blocks that have been drawn; they differ from the rest where notes stand between their lines. */
  private readonly measured = new Map<number, number>();

  constructor(
    private readonly lines: number,
    private readonly lineHeight: number,
  ) {
    this.count = Math.ceil(lines / BLOCK);
  }

  height(block: number): number {
    return this.measured.get(block) ?? Math.min(BLOCK, this.lines - block * BLOCK) * this.lineHeight;
  }

  /** Stores the height that a block has when drawn; says whether that is news. */
  measure(block: number, height: number): boolean {
    if (Math.abs(this.height(block) - height) < 1) return false;
    this.measured.set(block, height);
    return true;
  }

  /** Where a block begins; the block behind the last begins where all end. */
  top(block: number): number {
    let top = block * BLOCK * this.lineHeight;
    if (block >= this.count) top = this.lines * this.lineHeight;
    for (const [other, height] of this.measured) {
      if (other < block) top += height - Math.min(BLOCK, this.lines - other * BLOCK) * this.lineHeight;
    }
    return top;
  }

  /** First and last block between two heights. */
  within(from: number, to: number): [first: number, last: number] {
    let first = 0;
    let low = 0;
    let high = this.count - 1;
    while (low <= high) {
      const half = (low + high) >> 1;
      if (this.top(half) <= from) (first = half), (low = half + 1);
      else high = half - 1;
    }
    let last = first;
    while (last + 1 < this.count && this.top(last + 1) < to) last++;
    return [first, last];
  }
}
