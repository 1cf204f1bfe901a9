import type { SearchModel } from "./search";

/**
 * The goals and steps of the proof that the graph holds, root first; none where the root is not proved.
 *
 * Only proved steps count, and a step whose subgoals lead back to a goal above it is passed over: goals
 * are shared, so a proved graph may still contain a way round in a circle.
 */
export function winning(model: SearchModel): number[] {
  const root = model.root;
  if (root === undefined || model.info(root)?.status !== "proved") return [];
  const chosen = new Map<number, number>();
  const state = new Map<number, "above" | "done" | "no">();
  type Frame = { goal: number; step: number; sub: number };
  const stack: Frame[] = [{ goal: root, step: 0, sub: 0 }];
  state.set(root, "above");
  while (stack.length > 0) {
    const frame = stack[stack.length - 1] as Frame;
    const goal = model.info(frame.goal);
    const number = goal?.kind === "goal" ? goal.steps[frame.step] : undefined;
    const step = number === undefined ? undefined : model.info(number);
    if (step === undefined) {
      state.set(frame.goal, "no");
      stack.pop();
      continue;
    }
    const next = step.kind === "step" && step.status === "proved" ? step.subgoals[frame.sub] : NaN;
    if (next === undefined) {
      chosen.set(frame.goal, step.node);
      state.set(frame.goal, "done");
      stack.pop();
    } else if (state.get(next) === "done") {
      frame.sub += 1;
    } else if (!state.has(next) && model.info(next)?.status === "proved") {
      state.set(next, "above");
      stack.push({ goal: next, step: 0, sub: 0 });
    } else {
      frame.step += 1;
      frame.sub = 0;
    }
  }
  return collect(model, root, chosen);
}

function collect(model: SearchModel, root: number, chosen: Map<number, number>): number[] {
  const nodes: number[] = [];
  const seen = new Set([root]);
  const todo = [root];
  for (let goal = todo.pop(); goal !== undefined; goal = todo.pop()) {
    const number = chosen.get(goal);
    nodes.push(goal);
    const step = number === undefined ? undefined : model.info(number);
    if (step?.kind !== "step") return [];
    nodes.push(step.node);
    for (const subgoal of [...step.subgoals].reverse()) {
      if (!seen.has(subgoal)) {
        seen.add(subgoal);
        todo.push(subgoal);
      }
    }
  }
  return nodes;
}
