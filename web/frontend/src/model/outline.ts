import { goalOfPill, isDead, isPill, isRefused, pillOf, subgoalsOf } from "./family";
import { type Filter, isActive, matches } from "./filter";
import type { NodeInfo, SearchModel, StepInfo } from "./search";

export type Mode = "overview" | "all" | "proof";

export interface OutlineOptions {
  mode: Mode;
  /** What the reader opened (true) or closed (false), by node number or pill. */
  toggled: ReadonlyMap<number, boolean>;
  winning: ReadonlySet<number>;
  filter: Filter;
  /** Leave out what the filter does not ask for; otherwise it is dimmed. */
  hide: boolean;
}

/** How many nodes an overview opens with by itself. */
export const SENSIBLE = 2000;

export const DIM = 1;
export const EXPANDABLE = 2;
export const EXPANDED = 4;
export const WINNING = 8;

/** The rows that are visible, in preorder: parents come before their children. */
export interface Outline {
  ids: number[];
  parent: Int32Array;
  level: Int32Array;
  flags: Uint8Array;
  /** Nodes out of sight below a closed row. */
  hidden: Int32Array;
  index: Map<number, number>;
  /** Pairs (row of a step, row of a goal drawn elsewhere that it needs too). */
  cross: [number, number][];
}

class Rows {
  ids: number[] = [];
  parent: number[] = [];
  level: number[] = [];
  flags: number[] = [];
  hidden: number[] = [];
  keep: boolean[] = [];

  add(id: number, parent: number, flags: number, hidden: number, keep: boolean): number {
    this.ids.push(id);
    this.parent.push(parent);
    this.level.push(parent < 0 ? 0 : (this.level[parent] as number) + 1);
    this.flags.push(flags);
    this.hidden.push(hidden);
    this.keep.push(keep);
    return this.ids.length - 1;
  }
}

/** List what is visible of a search. */
export function outline(model: SearchModel, options: OutlineOptions): Outline {
  const rows = new Rows();
  const opened = options.mode === "overview" ? overview(model, options.winning) : null;
  const filtering = isActive(options.filter);
  const fits = (info: NodeInfo) => !filtering || matches(model, info, options.filter);
  const isOpen = (id: number) => options.toggled.get(id)
    ?? (options.mode !== "overview" || (id >= 0 && (opened === null || opened.has(id))));
  const shown = (node: number) => options.mode !== "proof" || options.winning.has(node);

  const stack: { node: number; parent: number }[] = [];
  if (model.root !== undefined) stack.push({ node: model.root, parent: -1 });
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (isPill(next.node)) {
      addRefused(model, goalOfPill(next.node), next.parent, rows, isOpen(next.node), fits);
      continue;
    }
    const info = model.info(next.node);
    if (!info) continue;
    const { children, refused } = kin(model, info, shown, options.winning);
    const expandable = refused || children.length > 0;
    const open = expandable && isOpen(info.node);
    const below = expandable && !open ? hiddenBelow(model, info, filtering ? fits : null) : NOTHING;
    const fit = fits(info);
    const row = rows.add(info.node, next.parent, (fit ? 0 : DIM) | (expandable ? EXPANDABLE : 0)
      | (open ? EXPANDED : 0) | (options.winning.has(info.node) ? WINNING : 0), below.count, fit || below.fits);
    if (!open) continue;
    if (refused) stack.push({ node: pillOf(info.node), parent: row });
    for (let i = children.length - 1; i >= 0; i--) stack.push({ node: children[i] as number, parent: row });
  }
  return finish(model, rows, filtering && options.hide);
}

/** A step's own subgoals; a goal's accepted steps, and whether it has refused ones too. */
function kin(
  model: SearchModel, info: NodeInfo, shown: (node: number) => boolean, winning: ReadonlySet<number>,
): { children: number[]; refused: boolean } {
  if (info.kind === "step") return { children: subgoalsOf(model, info).own.filter(shown), refused: false };
  let refused = false;
  const children = info.steps.filter((number) => {
    const step = model.info(number);
    if (!step || !shown(number)) return false;
    if (isRefused(step)) refused = true;
    return !isRefused(step);
  });
  // The step of the proof goes first: beside the goal that it proves, the proof begins at the top.
  const first = children.findIndex((number) => winning.has(number));
  if (first > 0) children.unshift(...children.splice(first, 1));
  return { children, refused };
}

/** The pill of a goal's refused steps and, where it is open, the steps: as the goal's children, in one column with it. */
function addRefused(
  model: SearchModel, goal: number, row: number, rows: Rows, open: boolean, fits: (info: NodeInfo) => boolean,
): void {
  const refused = refusedOf(model, goal);
  if (refused.length === 0) return;
  const fit = refused.some(fits);
  rows.add(pillOf(goal), row, (fit ? 0 : DIM) | EXPANDABLE | (open ? EXPANDED : 0), open ? 0 : refused.length, fit);
  if (!open) return;
  for (const step of refused) rows.add(step.node, row, fits(step) ? 0 : DIM, 0, fits(step));
}

/** The steps that a pill stands for. */
export function refusedOf(model: SearchModel, goal: number): StepInfo[] {
  const info = model.info(goal);
  if (info?.kind !== "goal") return [];
  return info.steps.flatMap((number) => {
    const step = model.info(number);
    return step?.kind === "step" && isRefused(step) ? [step] : [];
  });
}

const NOTHING = { count: 0, fits: false };

function hiddenBelow(model: SearchModel, top: NodeInfo, fits: ((info: NodeInfo) => boolean) | null): { count: number; fits: boolean } {
  let count = -1;
  let found = false;
  const stack = [top];
  for (let info = stack.pop(); info; info = stack.pop()) {
    count += 1;
    if (fits && !found && info !== top) found = fits(info);
    const children = info.kind === "step" ? subgoalsOf(model, info).own : info.steps;
    for (const number of children) {
      const child = model.info(number);
      if (child) stack.push(child);
    }
  }
  return { count, fits: found };
}

/**
 * What an overview opens by itself, null for everything. A large search opens the winning path and then, level
 * by level, what is still alive, as far as the number of rows stays sensible.
 */
function overview(model: SearchModel, winning: ReadonlySet<number>): Set<number> | null {
  const { counts } = model.meta;
  if (counts.open + counts.proved + counts.failed + counts.irrelevant + counts["pruned-cycle"] <= SENSIBLE) return null;
  const opened = new Set(winning);
  let rows = 1;
  let level = model.root === undefined ? [] : [model.root];
  while (level.length > 0 && rows < SENSIBLE) {
    const below: number[] = [];
    for (const node of level) {
      const info = model.info(node);
      if (!info || (isDead(info) && !winning.has(node)) || (rows >= SENSIBLE && !winning.has(node))) continue;
      const children = (info.kind === "step" ? subgoalsOf(model, info).own : info.steps)
        .filter((child) => { const found = model.info(child); return found && !isRefused(found); });
      opened.add(node);
      rows += children.length + (info.kind === "goal" && children.length < info.steps.length ? 1 : 0);
      below.push(...children);
    }
    level = below;
  }
  return opened;
}

function finish(model: SearchModel, rows: Rows, hide: boolean): Outline {
  const { ids, parent, keep } = rows;
  const place = new Int32Array(ids.length);
  let count = 0;
  if (hide) {
    for (let row = ids.length - 1; row > 0; row--) if (keep[row]) keep[parent[row] as number] = true;
    if (keep.length > 0) keep[0] = true;
  }
  for (let row = 0; row < ids.length; row++) place[row] = !hide || keep[row] ? count++ : -1;
  const result: Outline = {
    ids: new Array<number>(count), parent: new Int32Array(count), level: new Int32Array(count),
    flags: new Uint8Array(count), hidden: new Int32Array(count), index: new Map(), cross: [],
  };
  for (let row = 0; row < ids.length; row++) {
    const at = place[row] as number;
    if (at < 0) continue;
    const above = parent[row] as number;
    result.ids[at] = ids[row] as number;
    result.parent[at] = above < 0 ? -1 : place[above] as number;
    result.level[at] = rows.level[row] as number;
    result.flags[at] = rows.flags[row] as number;
    result.hidden[at] = rows.hidden[row] as number;
    result.index.set(ids[row] as number, at);
  }
  addCross(model, result);
  return result;
}

function addCross(model: SearchModel, result: Outline): void {
  result.ids.forEach((id, row) => {
    const step = id >= 0 ? model.info(id) : undefined;
    if (step?.kind !== "step" || step.subgoals.length === 0) return;
    for (const goal of subgoalsOf(model, step).shared) {
      const target = result.index.get(goal);
      if (target !== undefined) result.cross.push([row, target]);
    }
  });
}
