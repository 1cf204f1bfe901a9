import { describe, expect, it } from "vitest";
import type { LogRecord, RunDetail, StepText, Task, View } from "../api/types";
import { SearchModel } from "../model/search";
import { ordered } from "../panels/goal-steps";
import { proverRows } from "./provers";
import { matches, wholeRun } from "./run";
import { sourceStep, tabsOf } from "./view";

const task = (id: string, verdict: Task["verdict"]): Task => ({
  id, run: 1, name: `lemma_${id}`, target: "/x/Lists.v", system: "coq", key: "", started: 0, finished: null, verdict, reason: null, seconds: null, certificate: null,
});

describe("run page", () => {
  it("reads all pages of tasks", async () => {
    const pages = new Map<number | undefined, [string, number | null]>([[undefined, ["t1", 1]], [1, ["t2", 2]], [2, ["t3", null]]]);
    const source = {
      run: async (_id: number, after?: number) => {
        const [id, next] = pages.get(after) as [string, number | null];
        return { id: 1, tasks: [task(id, null)], next } as RunDetail;
      },
    };
    expect((await wholeRun(source, 1)).tasks.map((one) => one.id)).toEqual(["t1", "t2", "t3"]);
  });

  it("filters by text and verdict", () => {
    expect(matches(task("t1", "proved"), "LISTS", "proved")).toBe(true);
    expect(matches(task("t1", "proved"), "", "unknown")).toBe(false);
    expect(matches(task("t1", null), "", "pending")).toBe(true);
    expect(matches(task("t1", null), "nothing", "")).toBe(false);
  });
});

describe("view page", () => {
  const view = { obligation: null, proof: false, counterexample: null, certificate: null, axioms: null } as View;

  it("has only tabs with something in them", () => {
    expect(tabsOf(view, 0).map((tab) => tab.name)).toEqual(["goal"]);
    const full = { ...view, obligation: { source: "int x;" }, proof: true, counterexample: {}, certificate: {} } as View;
    expect(tabsOf(full, 2).map((tab) => tab.name)).toEqual(["goal", "source", "proof", "counterexample", "checks", "log"]);
  });

  it("shows the selected step in the source, else the one that won", () => {
    const model = new SearchModel();
    const step = (seq: number, node: number): LogRecord => ({ seq, at: 0, kind: "step", node, goal: 0, prover: "", score: null, outcome: "closed", seconds: 0, label: "", subgoals: [], cached: false });
    model.apply([{ seq: 1, at: 0, kind: "goal", node: 0, parent: null, depth: 0, label: "" }, step(2, 1), step(3, 2)]);
    expect(sourceStep(model, 1, [0, 2])).toBe(1);
    expect(sourceStep(model, 0, [0, 2])).toBe(2);
    expect(sourceStep(model, null, [])).toBeNull();
  });

  it("adds up provers from the statistics or from the log", () => {
    const live = { a: { asked: 2, proposed: 9, checked: 5, accepted: 1, seconds: 1 }, b: { asked: 0, proposed: 0, checked: 3, accepted: 2, seconds: 0 } };
    expect(proverRows(undefined, live).map((row) => [row.name, row.asked, row.proposals, row.accepted])).toEqual([["b", null, 3, 2], ["a", 2, 9, 1]]);
    expect(proverRows({ a: { proposals: 10, accepted: 4, seconds: 2 } }, live)[0]).toEqual({ name: "a", asked: 2, proposals: 10, accepted: 4, seconds: 2 });
  });
});

describe("candidate steps", () => {
  it("are sorted without losing the order of checking among equals", () => {
    const rows = (["rejected", "proved", "open", "rejected"] as const).map((status, index) => ({
      status, step: { node: index, score: [-1, null, -0.5, -1][index], seconds: [1, 2, 3, 1][index] } as StepText,
    }));
    const numbers = (order: Parameters<typeof ordered>[1]) => ordered(rows, order).map((row) => row.step.node);
    expect(numbers("checked")).toEqual([0, 1, 2, 3]);
    expect(numbers("status")).toEqual([1, 2, 0, 3]);
    expect(numbers("score")).toEqual([2, 0, 3, 1]);
    expect(numbers("time")).toEqual([2, 1, 0, 3]);
  });
});
