import type { LogRecord } from "../api/types";

// Searches made up for the tests.

/** A number generator that gives the same numbers for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Body = LogRecord extends infer R ? (R extends unknown ? Omit<R, "seq" | "at"> : never) : never;

export function number(bodies: readonly Body[]): LogRecord[] {
  return bodies.map((body, index) => ({ ...body, seq: index * 2, at: 100 + index / 10 }) as LogRecord);
}

export const goal = (node: number, parent: number | null, depth = 0, label = `goal ${node}`): Body =>
  ({ kind: "goal", node, parent, depth, label });

export const step = (node: number, on: number, subgoals: number[] = [], more: Partial<Extract<Body, { kind: "step" }>> = {}): Body => ({
  kind: "step", node, goal: on, prover: "tactics", score: -1, outcome: subgoals.length > 0 ? "open" : "closed",
  seconds: 0.01, label: `step ${node}`, cached: false, subgoals, ...more,
});

export const status = (node: number, to: Extract<Body, { kind: "status" }>["status"]): Body => ({ kind: "status", node, status: to });

/** A search with about that many nodes, shared goals, refused steps, and records of unknown nodes. */
export function search(nodes: number, seed: number): LogRecord[] {
  const next = random(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T;
  const bodies: Body[] = [{ kind: "start", provers: ["tactics", "hints"], policy: "best-first", budget: { seconds: 10 } }, goal(0, null)];
  const goals: [number, number][] = [[0, 0]];
  let free = 1;
  while (free < nodes) {
    const [on, depth] = pick(goals);
    const node = free++;
    const outcome = pick(["open", "open", "closed", "rejected", "rejected", "timedout", "crashed"] as const);
    const fresh = outcome === "open" ? Array.from({ length: 1 + Math.floor(next() * 2) }, () => free++) : [];
    const shared = outcome === "open" && next() < 0.2 ? [pick(goals)[0]] : [];
    const made = step(node, on, [...fresh, ...shared], { outcome, prover: pick(["tactics", "hints"]), score: next() < 0.1 ? null : -5 * next() });
    const opened = fresh.map((number) => goal(number, node, depth + 1));
    // The goals of a step may be recorded before it or after it.
    bodies.push(...(next() < 0.5 ? [made, ...opened] : [...opened, made]));
    for (const number of fresh) goals.push([number, depth + 1]);
    if (next() < 0.3) bodies.push({ kind: "ask", node: on, prover: pick(["tactics", "hints"]), proposals: 5, seconds: 0.1, message: "" });
    if (next() < 0.4) bodies.push(status(Math.floor(next() * (free + 3)), pick(["proved", "failed", "irrelevant", "open", "pruned-cycle"] as const)));
    if (next() < 0.02) bodies.push({ kind: "log", level: "warning", message: `at ${node}` });
    if (next() < 0.02) bodies.push({ kind: "budget", seconds: 1, expansions: 2, checker_calls: 3, checker_seconds: 0.5, open_goals: 4 });
  }
  bodies.push({ kind: "end", verdict: "unknown", reason: "budget", seconds: 9 });
  return number(bodies);
}
