import { describe, expect, it } from "vitest";
import { goal, number, random, search, status, step } from "./fake";
import { winning } from "./proof";
import { SearchModel } from "./search";
import type { LogRecord } from "../api/types";

const fold = (records: readonly LogRecord[]): SearchModel => {
  const model = new SearchModel();
  model.apply(records);
  return model;
};

/** All that a model shows, for comparison. */
function shown(model: SearchModel): unknown {
  const nodes = [...model.nodes()].sort((a, b) => a.node - b.node);
  return { nodes, root: model.root, size: model.size, meta: { ...model.meta, perProver: { ...model.meta.perProver } } };
}

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

describe("the fold of records", () => {
  it("does not depend on how records come in batches", () => {
    for (const seed of SEEDS) {
      const records = search(120, seed);
      const next = random(seed);
      const model = new SearchModel();
      for (let at = 0; at < records.length;) {
        const size = 1 + Math.floor(next() * 40);
        model.apply(records.slice(at, at + size));
        at += size;
      }
      expect(shown(model)).toEqual(shown(fold(records)));
    }
  });

  it("shows at any position what a fresh fold of as many records shows", () => {
    for (const seed of SEEDS) {
      const records = [...search(80, seed), ...search(60, seed + 100)];
      const model = fold(records);
      const next = random(seed);
      for (let i = 0; i < 25; i++) {
        const position = Math.floor(next() * (records.length + 1));
        model.showAt(position);
        expect(shown(model)).toEqual(shown(fold(records.slice(0, position))));
      }
      model.showAt(null);
      expect(shown(model)).toEqual(shown(fold(records)));
    }
  });

  it("keeps the past on screen while records arrive", () => {
    const records = search(100, 3);
    const model = fold(records.slice(0, 50));
    model.showAt(20);
    const before = JSON.stringify(shown(model));
    model.apply(records.slice(50));
    expect(JSON.stringify(shown(model))).toBe(before);
    expect([model.length, model.position]).toEqual([records.length, 20]);
    model.showAt(null);
    expect(shown(model)).toEqual(shown(fold(records)));
  });

  it("takes the goals of a step before it or after it", () => {
    const before = fold(number([goal(0, null), goal(2, 1, 1), step(1, 0, [2])]));
    const after = fold(number([goal(0, null), step(1, 0, [2]), goal(2, 1, 1)]));
    for (const model of [before, after]) {
      expect(model.info(0)).toMatchObject({ steps: [1] });
      expect(model.info(2)).toMatchObject({ users: [1], parent: 1 });
    }
  });

  it("begins anew with a new attempt", () => {
    const start = { kind: "start" as const, provers: ["x"], policy: "p", budget: {} };
    const model = fold(number([start, goal(0, null), step(1, 0), start, goal(0, null, 0, "again")]));
    expect([model.size, model.info(0)?.label, model.info(1)]).toEqual([1, "again", undefined]);
  });

  it("does not mind records of unknown nodes or kinds", () => {
    const strange = { seq: 9, at: 1, kind: "constructor" } as unknown as LogRecord;
    const wrong = { seq: 10, at: 1, kind: "status", node: 0, status: "toString" } as unknown as LogRecord;
    const model = fold([...number([status(7, "proved"), goal(0, null), goal(0, null), step(5, 99, [98, 98])]), strange, wrong]);
    expect(model.info(0)?.status).toBe("open");
    model.showAt(0);
    expect(model.size).toBe(0);
  });

  it("tells each change once and counts time from the first record", () => {
    const model = new SearchModel();
    let told = 0;
    const stop = model.subscribe(() => { told += 1; });
    model.apply(number([goal(0, null), step(1, 0)]));
    model.showAt(1);
    model.showAt(1);
    stop();
    model.showAt(null);
    expect([told, model.timeOf(0), model.timeOf(2)]).toEqual([2, 0, expect.closeTo(0.1)]);
  });

  it("folds 60,000 records in far less than a second", () => {
    const records = search(50_000, 1);
    const begun = performance.now();
    const model = fold(records);
    model.showAt(0);
    model.showAt(null);
    expect(performance.now() - begun).toBeLessThan(1500);
    expect(model.size).toBeGreaterThan(49_000);
  });
});

describe("the winning path", () => {
  it("is empty as long as the root is not proved", () => {
    expect(winning(fold(number([goal(0, null), step(1, 0), status(1, "proved")])))).toEqual([]);
  });

  it("takes a proved step of each goal, root first, shared goals once", () => {
    const model = fold(number([
      goal(0, null), step(1, 0, [2], { outcome: "open" }), step(3, 0, [4, 5]), goal(2, 1), goal(4, 3), goal(5, 3),
      step(6, 4), step(7, 5, [4]),
      ...[6, 4, 7, 5, 3, 0].map((node) => status(node, "proved")),
    ]));
    expect(winning(model)).toEqual([0, 3, 4, 6, 5, 7]);
  });

  it("goes round no circle", () => {
    const model = fold(number([
      goal(0, null), step(1, 0, [2]), goal(2, 1), step(3, 2, [0]), step(4, 2),
      ...[4, 3, 2, 1, 0].map((node) => status(node, "proved")),
    ]));
    expect(winning(model)).toEqual([0, 1, 2, 4]);
  });
});
