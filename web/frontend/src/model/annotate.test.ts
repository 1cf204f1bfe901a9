import { describe, expect, it } from "vitest";
import type { StepText } from "../api/types";
import { annotate, byLine, failures } from "./annotate";

const step = (extra: Partial<StepText>): StepText => ({
  node: 2, goal: 0, prover: "atoms", step_kind: "clauses", text: "", score: null, outcome: "closed", message: "", seconds: 0,
  cached: false, model: {}, replacement: null, subgoals: [], at: 0, parts: [], ...extra,
});
const part = (label: string, text: string, accepted: boolean | null, model = {}) => ({ label, text, language: "c", accepted, message: accepted === false ? "initiation fails" : "", model });

describe("annotate", () => {
  it("puts clauses at their loops, in the order of the source", () => {
    const view = { loops: { L2: { line: 14, column: 9 }, L1: { line: 12, column: 5 } } };
    const found = annotate(view, step({ parts: [part("L2", "a", true), part("L1", "b", false, { n: 1 }), part("L2", "c", null)] }));
    expect(found.loops.map((loop) => [loop.label, loop.line])).toEqual([["L1", 12], ["L2", 14]]);
    expect(found.loops[0]!.rejected[0]).toMatchObject({ text: "b", message: "initiation fails", model: { n: 1 } });
    expect(found.loops[1]!.kept.map((clause) => clause.text)).toEqual(["a"]);
    expect(found.loops[1]!.open.map((clause) => clause.text)).toEqual(["c"]);
  });

  it("keeps clauses whose loop is unknown, last", () => {
    const found = annotate({ loops: { L1: { line: 3, column: 1 } } }, step({ parts: [part("constructor", "a", true), part("L1", "b", true)] }));
    expect(found.loops.map((loop) => loop.line)).toEqual([3, null]);
    expect([...byLine(found.loops, 2).keys()]).toEqual([0]);
    expect([...byLine(found.loops, 3).keys()]).toEqual([3, 0]);
  });

  it("reads places from messages", () => {
    const message = "assertion may fail at 17:9; loop invariant may fail at 20:5";
    const found = annotate({ loops: {} }, step({ outcome: "rejected", message, model: { n: 9 } }));
    expect(found.failures).toEqual([
      { line: 17, column: 9, message: "assertion may fail", model: { n: 9 } },
      { line: 20, column: 5, message: "loop invariant may fail", model: { n: 9 } },
    ]);
    expect(found.message).toBe("");
    expect(annotate({ loops: {} }, step({ message: "it changes nothing" })).message).toBe("it changes nothing");
  });

  it("stays fast on hostile messages", () => {
    const began = performance.now();
    failures(" at 1:".repeat(100_000), {});
    failures(";".repeat(500_000), {});
    failures(" at 11111111".repeat(50_000) + ";", {});
    expect(performance.now() - began).toBeLessThan(500);
  });

  it("says nothing without a step", () => {
    expect(annotate({ loops: {} }, null)).toEqual({ loops: [], failures: [], message: "" });
  });
});
