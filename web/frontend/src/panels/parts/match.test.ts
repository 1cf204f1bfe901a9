import { describe, expect, it } from "vitest";
import type { LogRecord } from "../../api/types";
import { SearchModel } from "../../model/search";
import { counterpart, path, tried } from "./match";

type Part<K extends LogRecord["kind"]> = Partial<Extract<LogRecord, { kind: K }>>;
const goal = (node: number, parent: number | null, label: string, depth = 0): Part<"goal"> => ({ kind: "goal", node, parent, depth, label });
const step = (node: number, on: number, label: string, subgoals: number[], outcome: "open" | "rejected" = "open"): Part<"step"> =>
  ({ kind: "step", node, goal: on, prover: "p", score: -1, outcome, seconds: 0, label, subgoals, cached: false });

function model(...records: (Part<"goal"> | Part<"step">)[]): SearchModel {
  const made = new SearchModel();
  made.apply(records.map((record, i) => ({ seq: i + 1, at: i, ...record }) as LogRecord));
  return made;
}

const a = model(goal(0, null, "P"), step(1, 0, "intro", [2, 3]), goal(2, 1, "Q", 1), goal(3, 1, "R", 1), step(4, 2, "auto", [], "rejected"), step(5, 2, "easy", []));
const b = model(goal(0, null, "P"), step(1, 0, "auto", [2]), goal(2, 1, "Q", 1), step(7, 0, "intro", [9, 8]), goal(8, 7, "Q", 1), goal(9, 7, "R", 1), step(10, 8, "auto", []));

describe("counterpart", () => {
  it("prefers the same path", () => {
    expect(path(a, 5)).toEqual(["P", "intro", "Q", "easy"]);
    expect([0, 1, 2, 3, 4].map((node) => counterpart(a, node, b))).toEqual([0, 7, 8, 9, 10]);
  });

  it("falls back to equal texts, and says where there is nothing", () => {
    expect(counterpart(a, 5, b)).toBeNull();
    expect(counterpart(b, 2, a)).toBe(2);
    expect(counterpart(b, 1, a)).toBeNull();
    expect(counterpart(a, 99, b)).toBeNull();
    expect(counterpart(a, 0, model())).toBeNull();
  });
});

describe("tried", () => {
  it("puts differences first and steps of one side last", () => {
    const rows = tried(a, 2, b, 8);
    expect(rows.map((row) => [row.label, row.a?.status ?? null, row.b?.status ?? null])).toEqual([["auto", "rejected", "open"], ["easy", "open", null]]);
    expect(tried(a, null, b, null)).toEqual([]);
  });
});
