import { describe, expect, it } from "vitest";
import type { Counterexample } from "../api/types";
import { isRun, show, Trace } from "./trace";
import { random } from "./testing";

const failure = { file: "a.c", line: 9, column: 3, message: "assertion may fail" };
const run = (values: Record<string, unknown>[]): Counterexample => ({
  function: "main",
  inputs: [],
  trace: values.map((v, i) => ({ line: i + 1, column: 1, values: v })),
  failure,
});

describe("trace", () => {
  it("keeps what was assigned and marks what changes", () => {
    const trace = new Trace(run([{ n: 9, x: -2 }, { x: 0 }]));
    expect(trace.length).toBe(3);
    expect(trace.at(0).variables).toEqual([
      { name: "n", value: 9, changed: true, before: undefined },
      { name: "x", value: -2, changed: true, before: undefined },
    ]);
    expect(trace.at(1).variables).toEqual([
      { name: "n", value: 9, changed: false, before: undefined },
      { name: "x", value: 0, changed: true, before: -2 },
    ]);
    expect(trace.at(1).failure).toBeNull();
    expect(trace.at(2)).toMatchObject({ line: 9, column: 3, failure: "assertion may fail" });
    expect(trace.at(2).variables.map((v) => [v.value, v.changed])).toEqual([[9, false], [0, false]]);
  });

  it("agrees with a plain fold at every moment, in any order of asking", () => {
    const next = random(4);
    const values = Array.from({ length: 700 }, () => ({ [`v${Math.floor(next() * 20)}`]: Math.floor(next() * 100) }));
    const trace = new Trace(run(values));
    for (let i = 0; i < 300; i++) {
      const place = Math.floor(next() * trace.length);
      const state: Record<string, unknown> = Object.assign({}, ...values.slice(0, place + 1));
      const shown = trace.at(place).variables;
      expect(Object.fromEntries(shown.map((v) => [v.name, v.value]))).toEqual(state);
      expect(shown.filter((v) => v.changed).map((v) => v.name)).toEqual(Object.keys(values[place] ?? {}));
    }
  });

  it("takes an empty run and places outside", () => {
    const trace = new Trace(run([]));
    expect(trace.length).toBe(1);
    expect(trace.at(-5)).toEqual(trace.at(99));
    expect(trace.at(0)).toMatchObject({ line: 9, variables: [], failure: "assertion may fail" });
  });

  it("takes names that objects have by nature", () => {
    const values = JSON.parse('{"__proto__": 1, "constructor": 2}') as Record<string, unknown>;
    expect(new Trace(run([values, {}])).at(1).variables.map((v) => [v.name, v.value])).toEqual([["__proto__", 1], ["constructor", 2]]);
  });

  it("knows runs from other counterexamples", () => {
    expect(isRun(run([{ x: 1 }]))).toBe(true);
    for (const other of [null, 3, [], {}, { model: { x: "1" } }, { trace: [], failure: null }, { trace: [{ line: 1 }], failure }, { ...run([]), inputs: 3 }]) {
      expect(isRun(other)).toBe(false);
    }
  });

  it("shows values on one line", () => {
    expect([show(3), show("a b"), show([1, { a: null }]), show(undefined)]).toEqual(["3", "a b", '[1,{"a":null}]', ""]);
  });
});
