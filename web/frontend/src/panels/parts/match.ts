/** Finds in one search what another search has: goals and steps with equal texts in equal places. */

import type { GoalInfo, SearchModel, StepInfo } from "../../model/search";

type Graph = Pick<SearchModel, "info" | "root" | "nodes">;

/** Longer ways down do not occur; a malformed graph may go round in a circle. */
const DEEPEST = 10_000;

/** Labels from the root down to a node, goals and steps in turn; empty where the node hangs on no root. */
export function path(graph: Graph, node: number): string[] {
  const labels: string[] = [];
  let at: number | null = node;
  while (at !== null && labels.length < DEEPEST) {
    const info = graph.info(at);
    if (!info) return [];
    labels.push(info.label);
    at = info.kind === "goal" ? info.parent : info.goal;
  }
  return at === null ? labels.reverse() : [];
}

/**
 * The node of `other` that is the same as one of `graph`: at the end of the same path, or else, for a goal, the one
 * with the same text at the nearest depth, and for a step, the same step on the goal found so.
 */
export function counterpart(graph: Graph, node: number, other: Graph): number | null {
  const info = graph.info(node);
  if (!info) return null;
  const labels = path(graph, node);
  const exact = labels.length > 0 ? walk(other, labels) : null;
  if (exact !== null) return exact;
  if (info.kind === "goal") return nearest(other, info);
  const goal = counterpart(graph, info.goal, other);
  const found = goal === null ? undefined : other.info(goal);
  return found?.kind === "goal" ? (found.steps.find((step) => other.info(step)?.label === info.label) ?? null) : null;
}

function walk(graph: Graph, labels: readonly string[]): number | null {
  let places = graph.root !== undefined && graph.info(graph.root)?.label === labels[0] ? [graph.root] : [];
  for (const label of labels.slice(1)) {
    const next = new Set<number>();
    for (const place of places) {
      const info = graph.info(place);
      const below = info?.kind === "goal" ? info.steps : (info?.subgoals ?? []);
      for (const child of below) if (graph.info(child)?.label === label) next.add(child);
    }
    places = [...next];
    if (places.length === 0) return null;
  }
  return places[0] ?? null;
}

function nearest(graph: Graph, goal: GoalInfo): number | null {
  let found: GoalInfo | null = null;
  for (const info of graph.nodes()) {
    if (info.kind !== "goal" || info.label !== goal.label) continue;
    if (!found || Math.abs(info.depth - goal.depth) < Math.abs(found.depth - goal.depth)) found = info;
  }
  return found?.node ?? null;
}

export interface Tried {
  label: string;
  a: StepInfo | null;
  b: StepInfo | null;
}

/** What was tried on two goals: steps of both first, then those of one only. */
export function tried(a: Graph, goalA: number | null, b: Graph, goalB: number | null): Tried[] {
  const rows = new Map<string, Tried>();
  const add = (graph: Graph, goal: number | null, side: "a" | "b"): void => {
    const info = goal === null ? undefined : graph.info(goal);
    if (info?.kind !== "goal") return;
    for (const number of info.steps) {
      const step = graph.info(number);
      if (step?.kind !== "step") continue;
      const row = rows.get(step.label) ?? { label: step.label, a: null, b: null };
      row[side] ??= step;
      rows.set(step.label, row);
    }
  };
  add(a, goalA, "a");
  add(b, goalB, "b");
  const rank = (row: Tried): number => (row.a && row.b ? (row.a.status === row.b.status ? 1 : 0) : 2);
  return [...rows.values()].sort((x, y) => rank(x) - rank(y));
}
