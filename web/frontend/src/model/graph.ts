import type { LogRecord, Verdict } from "../api/types";

export type Status = "open" | "proved" | "failed" | "irrelevant" | "rejected" | "timed-out" | "crashed" | "pruned-cycle";

export const STATUSES: readonly Status[] = [
  "open", "proved", "failed", "irrelevant", "rejected", "timed-out", "crashed", "pruned-cycle",
];

export interface GoalInfo {
  kind: "goal"; node: number; label: string; depth: number; parent: number | null;
  steps: number[]; status: Status; at: number; users: number[] /* steps that need it */;
}
export interface StepInfo {
  kind: "step"; node: number; goal: number; label: string; prover: string; score: number | null; outcome: string;
  seconds: number; subgoals: number[]; status: Status; at: number; cached: boolean;
}
export type NodeInfo = GoalInfo | StepInfo;

export interface ProverCount { asked: number; proposed: number; checked: number; accepted: number; seconds: number }
export interface SearchEnd { verdict: Verdict; reason: string; seconds: number }
export type Spent = Extract<LogRecord, { kind: "budget" }>;

export interface Meta {
  provers: string[]; policy: string; budget: Record<string, number | null>;
  end: SearchEnd | null; spent: Spent | null; logs: { level: string; message: string }[]; started: number;
  counts: Record<Status, number>; perProver: Record<string, ProverCount>;
}

const OUTCOME: ReadonlyMap<string, Status> = new Map([
  ["closed", "open"], ["open", "open"], ["rejected", "rejected"], ["timedout", "timed-out"], ["crashed", "crashed"],
]);

/**
 * The graph after some records. `fold` returns what `unfold` needs to take the record back, so the time
 * slider moves by as many records as it is dragged over, in either direction, without copies of the graph.
 *
 * The lists of steps and users are kept by number, apart from the goals, because a step may be recorded
 * before the goals that it needs.
 */
export class Graph {
  readonly nodes = new Map<number, NodeInfo>();
  private readonly stepsOf = new Map<number, number[]>();
  private readonly usersOf = new Map<number, number[]>();
  root: number | undefined;
  readonly meta: Meta = {
    provers: [], policy: "", budget: {}, end: null, spent: null, logs: [], started: 0,
    counts: {
      open: 0, proved: 0, failed: 0, irrelevant: 0, rejected: 0, "timed-out": 0, crashed: 0, "pruned-cycle": 0,
    },
    perProver: Object.create(null) as Record<string, ProverCount>,
  };

  /** Take in one record; the answer is the argument for `unfold`. */
  fold(record: LogRecord): unknown {
    switch (record.kind) {
      case "goal": return this.addGoal(record);
      case "step": return this.addStep(record);
      case "status": {
        const info = this.nodes.get(record.node);
        if (!info || info.status === record.status || !Object.hasOwn(this.meta.counts, record.status)) return undefined;
        const before = info.status;
        this.setStatus(info, record.status);
        return before;
      }
      case "ask": {
        const before = this.countsOf(record.prover);
        const count = this.prover(record.prover);
        count.asked += 1;
        count.proposed += record.proposals;
        count.seconds += record.seconds;
        return before;
      }
      case "budget": {
        const before = this.meta.spent;
        this.meta.spent = record;
        return before;
      }
      case "log":
        this.meta.logs.push({ level: record.level, message: record.message });
        return undefined;
      case "end": {
        const before = this.meta.end;
        this.meta.end = { verdict: record.verdict, reason: record.reason, seconds: record.seconds };
        return before;
      }
      default: return undefined;
    }
  }

  /** Take back the record folded last. */
  unfold(record: LogRecord, before: unknown): void {
    switch (record.kind) {
      case "goal":
        if (before === undefined) return;
        this.forget(record.node);
        if (before === "root") this.root = undefined;
        return;
      case "step": {
        const info = this.nodes.get(record.node);
        if (before === undefined || info?.kind !== "step") return;
        this.forget(record.node);
        list(this.stepsOf, info.goal).pop();
        for (const goal of info.subgoals) list(this.usersOf, goal).pop();
        this.restore(record.prover, before as ProverCount | null);
        return;
      }
      case "status": {
        const info = this.nodes.get(record.node);
        if (info && before !== undefined) this.setStatus(info, before as Status);
        return;
      }
      case "ask": this.restore(record.prover, before as ProverCount | null); return;
      case "budget": this.meta.spent = before as Spent | null; return;
      case "log": this.meta.logs.pop(); return;
      case "end": this.meta.end = before as SearchEnd | null; return;
    }
  }

  private addGoal(record: Extract<LogRecord, { kind: "goal" }>): "root" | "goal" | undefined {
    if (this.nodes.has(record.node)) return undefined;
    this.nodes.set(record.node, {
      kind: "goal", node: record.node, label: record.label, depth: record.depth, parent: record.parent,
      steps: list(this.stepsOf, record.node), status: "open", at: record.at, users: list(this.usersOf, record.node),
    });
    this.meta.counts.open += 1;
    if (record.parent !== null || this.root !== undefined) return "goal";
    this.root = record.node;
    return "root";
  }

  private addStep(record: Extract<LogRecord, { kind: "step" }>): ProverCount | null | undefined {
    if (this.nodes.has(record.node)) return undefined;
    const status = OUTCOME.get(record.outcome) ?? "crashed";
    const subgoals = record.subgoals.length > 1 ? [...new Set(record.subgoals)] : record.subgoals;
    this.nodes.set(record.node, {
      kind: "step", node: record.node, goal: record.goal, label: record.label, prover: record.prover,
      score: record.score, outcome: record.outcome, seconds: record.seconds, subgoals, status,
      at: record.at, cached: record.cached,
    });
    this.meta.counts[status] += 1;
    list(this.stepsOf, record.goal).push(record.node);
    for (const goal of subgoals) list(this.usersOf, goal).push(record.node);
    const before = this.countsOf(record.prover);
    const count = this.prover(record.prover);
    count.checked += 1;
    if (status === "open") count.accepted += 1;
    return before;
  }

  private forget(node: number): void {
    const info = this.nodes.get(node);
    if (!info) return;
    this.meta.counts[info.status] -= 1;
    this.nodes.delete(node);
  }

  private setStatus(info: NodeInfo, status: Status): void {
    this.meta.counts[info.status] -= 1;
    this.meta.counts[status] += 1;
    info.status = status;
  }

  /** A copy of a prover's counts, null where it has not been heard of. */
  private countsOf(name: string): ProverCount | null {
    const count = this.meta.perProver[name];
    return count ? { ...count } : null;
  }

  private restore(name: string, count: ProverCount | null): void {
    if (count) this.meta.perProver[name] = count;
    else delete this.meta.perProver[name];
  }

  private prover(name: string): ProverCount {
    return (this.meta.perProver[name] ??= { asked: 0, proposed: 0, checked: 0, accepted: 0, seconds: 0 });
  }
}

function list(table: Map<number, number[]>, key: number): number[] {
  let found = table.get(key);
  if (!found) table.set(key, (found = []));
  return found;
}
