import type { GoalInfo, NodeInfo, SearchModel, StepInfo } from "./search";

/** Steps that came to nothing; a goal often has dozens, so they are shown as one pill. */
export function isRefused(info: NodeInfo): boolean {
  return info.kind === "step" && (info.status === "rejected" || info.status === "timed-out" || info.status === "crashed");
}

/** Nodes that the search has given up. */
export function isDead(info: NodeInfo): boolean {
  return info.status === "failed" || info.status === "irrelevant" || info.status === "pruned-cycle";
}

/** The pill of a goal's refused steps has a number of its own, below zero. */
export const pillOf = (goal: number): number => -goal - 1;
export const isPill = (id: number): boolean => id < 0;
export const goalOfPill = (id: number): number => -id - 1;

/**
 * The step under which a shared goal is drawn: the one it first came from or, where no record tells of
 * that one, the first that needs it. Each node has one such parent, so what hangs together below the root
 * is a tree even where the graph has circles.
 */
export function homeOf(model: SearchModel, goal: GoalInfo): number | null {
  if (goal.node === model.root) return null;
  if (goal.parent !== null && model.info(goal.parent)?.kind === "step") return goal.parent;
  return goal.users[0] ?? null;
}

/** The subgoals drawn under a step, and those drawn elsewhere. */
export function subgoalsOf(model: SearchModel, step: StepInfo): { own: number[]; shared: number[] } {
  const own: number[] = [];
  const shared: number[] = [];
  for (const number of step.subgoals) {
    const goal = model.info(number);
    if (goal?.kind === "goal") (homeOf(model, goal) === step.node ? own : shared).push(number);
  }
  return { own, shared };
}

/** The parent of a node in the drawn tree. */
export function parentOf(model: SearchModel, node: number): number | null {
  const info = model.info(node);
  if (!info) return null;
  return info.kind === "step" ? info.goal : homeOf(model, info);
}
