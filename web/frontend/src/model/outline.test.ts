import { describe, expect, it } from "vitest";
import { goal, number, search, status, step } from "./fake";
import { pillOf } from "./family";
import { type Filter, isActive, matches, NO_FILTER } from "./filter";
import { DIM, EXPANDED, type Outline, outline, type OutlineOptions, SENSIBLE } from "./outline";
import { SearchModel } from "./search";

const model = (records: Parameters<SearchModel["apply"]>[0]): SearchModel => {
  const made = new SearchModel();
  made.apply(records);
  return made;
};

const list = (of: SearchModel, options: Partial<OutlineOptions> = {}): Outline =>
  outline(of, { mode: "overview", toggled: new Map(), winning: new Set(), filter: NO_FILTER, hide: false, ...options });

const small = () => model(number([
  goal(0, null), step(1, 0, [], { outcome: "rejected" }), step(2, 0, [3]), goal(3, 2, 1), step(4, 3, [0, 5]), goal(5, 4, 2),
  step(6, 0, [], { outcome: "timedout", prover: "hints" }), step(7, 5, [], { prover: "hints", score: -4 }),
]));

function checkInvariants(rows: Outline): void {
  expect(new Set(rows.ids).size).toBe(rows.ids.length);
  rows.ids.forEach((id, row) => {
    const parent = rows.parent[row] as number;
    expect(parent).toBeLessThan(row);
    expect(rows.level[row]).toBe(parent < 0 ? 0 : (rows.level[parent] as number) + 1);
    expect(rows.index.get(id)).toBe(row);
    if (parent >= 0) expect((rows.flags[parent] as number) & EXPANDED).not.toBe(0);
  });
}

describe("the outline", () => {
  it("folds refused steps into one pill after the accepted ones", () => {
    const rows = list(small());
    expect(rows.ids).toEqual([0, 2, 3, 4, 5, 7, pillOf(0)]);
    expect(rows.hidden[6]).toBe(2);
    expect(list(small(), { toggled: new Map([[pillOf(0), true]]) }).ids).toEqual([0, 2, 3, 4, 5, 7, pillOf(0), 1, 6]);
  });

  it("puts the step of the proof first", () => {
    const rows = list(model(number([goal(0, null), step(1, 0), step(2, 0), step(3, 0)])), { winning: new Set([0, 3]) });
    expect(rows.ids).toEqual([0, 3, 1, 2]);
  });

  it("closes what the reader closed and counts what is hidden", () => {
    const rows = list(small(), { toggled: new Map([[3, false]]) });
    expect(rows.ids).toEqual([0, 2, 3, pillOf(0)]);
    expect(rows.hidden[2]).toBe(3);
  });

  it("draws a shared goal once and links to it", () => {
    const rows = list(small());
    expect(rows.cross).toEqual([[rows.index.get(4), 0]]);
  });

  it("shows everything, or the proof alone, when asked", () => {
    for (const seed of [1, 2, 3]) {
      const whole = model(search(300, seed));
      const all = list(whole, { mode: "all" });
      checkInvariants(all);
      expect(all.ids.filter((id) => id >= 0).length).toBe(whole.size);
    }
    expect(list(small(), { mode: "proof", winning: new Set([0, 2, 3]) }).ids).toEqual([0, 2, 3]);
  });

  it("opens a sensible part of a large search, with the winning path in it", () => {
    const large = model(search(12_000, 5));
    const deepest = [...large.nodes()].reduce((best, info) => (info.kind === "goal" && info.depth > best.depth ? info : best), { depth: -1, node: 0 });
    const path = new Set<number>();
    for (let at: number | null = deepest.node; at !== null;) {
      path.add(at);
      const info = large.info(at);
      at = info?.kind === "goal" ? info.parent : info?.goal ?? null;
    }
    const rows = list(large, { winning: path });
    checkInvariants(rows);
    expect(rows.ids.length).toBeLessThan(2 * SENSIBLE);
    for (const node of path) expect(rows.index.has(node)).toBe(true);
  });

  it("dims or leaves out what a filter does not ask for, but keeps the way to what it does", () => {
    const filter: Filter = { ...NO_FILTER, withoutProvers: new Set(["tactics"]) };
    const dimmed = list(small(), { filter });
    expect(dimmed.ids.filter((_, row) => !((dimmed.flags[row] as number) & DIM))).toEqual([0, 5, 7, pillOf(0)]);
    const left = list(small(), { filter: { ...filter, without: new Set(["timed-out" as const]) }, hide: true });
    expect(left.ids).toEqual([0, 2, 3, 4, 5, 7]);
    const closed = list(small(), { filter, hide: true, toggled: new Map([[3, false]]) });
    expect(closed.ids).toEqual([0, 2, 3, pillOf(0)]);
    checkInvariants(left);
  });

  it("is empty without a root", () => {
    expect(list(model([])).ids).toEqual([]);
    expect(list(model(number([status(3, "proved"), step(1, 0)])), { hide: true }).ids).toEqual([]);
  });
});

describe("the filter", () => {
  const fits = (node: number, filter: Partial<Filter>) => {
    const of = small();
    const info = of.info(node);
    return info !== undefined && matches(of, info, { ...NO_FILTER, ...filter });
  };

  it("asks for depth, score and status", () => {
    expect(isActive(NO_FILTER)).toBe(false);
    expect([fits(4, { minDepth: 1 }), fits(4, { minDepth: 2 }), fits(0, { maxDepth: 0 })]).toEqual([true, false, true]);
    expect([fits(7, { minScore: -3 }), fits(4, { minScore: -3 })]).toEqual([false, true]);
    expect([fits(1, { without: new Set(["rejected" as const]) }), fits(2, { without: new Set(["rejected" as const]) })]).toEqual([false, true]);
  });
});
