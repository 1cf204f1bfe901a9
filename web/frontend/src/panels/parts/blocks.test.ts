import { describe, expect, it } from "vitest";
import { BLOCK, Blocks } from "./blocks";

describe("blocks", () => {
  it("adds up heights, also of a last block that is not full", () => {
    const blocks = new Blocks(250, 20);
    expect(blocks.count).toBe(3);
    expect([0, 1, 2, 3].map((block) => blocks.top(block))).toEqual([0, 2000, 4000, 5000]);
    expect(blocks.height(2)).toBe(1000);
    expect(blocks.measure(1, 2300)).toBe(true);
    expect(blocks.measure(1, 2300.4)).toBe(false);
    expect([1, 2, 3].map((block) => blocks.top(block))).toEqual([2000, 4300, 5300]);
  });

  it("finds what is in sight", () => {
    const blocks = new Blocks(50_000, 20);
    expect(blocks.count).toBe(500);
    expect(blocks.within(0, 100)).toEqual([0, 0]);
    expect(blocks.within(BLOCK * 20 * 7 - 1, BLOCK * 20 * 7 + 1)).toEqual([6, 7]);
    expect(blocks.within(1e9, 1e9 + 1)).toEqual([499, 499]);
    expect(new Blocks(0, 20).within(0, 100)).toEqual([0, 0]);
  });
});
