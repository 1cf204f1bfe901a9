import type { NodeInfo, SearchModel, Status } from "./search";

/** What a reader asks to see. Empty sets and nulls ask for nothing in particular. */
export interface Filter {
  /** Statuses that are switched off. */
  without: ReadonlySet<Status>;
  /** Provers that are switched off. */
  withoutProvers: ReadonlySet<string>;
  minDepth: number | null;
  maxDepth: number | null;
  /** Least natural log-probability of a step. */
  minScore: number | null;
}

export const NO_FILTER: Filter = {
  without: new Set(), withoutProvers: new Set(), minDepth: null, maxDepth: null, minScore: null,
};

export function isActive(filter: Filter): boolean {
  return filter.without.size > 0 || filter.withoutProvers.size > 0
    || filter.minDepth !== null || filter.maxDepth !== null || filter.minScore !== null;
}

/** Whether a goal or a step is what the filter asks for. */
export function matches(model: SearchModel, info: NodeInfo, filter: Filter): boolean {
  if (filter.without.has(info.status)) return false;
  return info.kind === "goal" ? goalMatches(model, info, filter) : stepMatches(model, info, filter);
}

function stepMatches(model: SearchModel, step: Extract<NodeInfo, { kind: "step" }>, filter: Filter): boolean {
  if (filter.withoutProvers.has(step.prover)) return false;
  if (filter.minScore !== null && (step.score === null || step.score < filter.minScore)) return false;
  if (filter.minDepth === null && filter.maxDepth === null) return true;
  const goal = model.info(step.goal);
  return goal?.kind === "goal" && depthMatches(goal.depth, filter);
}

/** A goal has neither prover nor score: where these are asked for, it stands for its steps. */
function goalMatches(model: SearchModel, goal: Extract<NodeInfo, { kind: "goal" }>, filter: Filter): boolean {
  if (!depthMatches(goal.depth, filter)) return false;
  if (filter.withoutProvers.size === 0 && filter.minScore === null) return true;
  return goal.steps.some((number) => {
    const step = model.info(number);
    return step?.kind === "step" && !filter.without.has(step.status) && stepMatches(model, step, filter);
  });
}

function depthMatches(depth: number, filter: Filter): boolean {
  return (filter.minDepth === null || depth >= filter.minDepth) && (filter.maxDepth === null || depth <= filter.maxDepth);
}
