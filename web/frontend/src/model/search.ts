import type { LogRecord } from "../api/types";
import { Graph, type Meta, type NodeInfo } from "./graph";

export type { GoalInfo, Meta, NodeInfo, ProverCount, SearchEnd, Spent, Status, StepInfo } from "./graph";
export { STATUSES } from "./graph";

/** A search as its records tell it: at its end, or at an earlier moment that the time slider chose. */
export class SearchModel {
  private readonly records: LogRecord[] = [];
  private readonly undo: unknown[] = [];
  private graph = new Graph();
  private readonly listeners = new Set<() => void>();
  private shown: number | null = null;
  private changes = 0;

  /** Take in new records; while the past is shown they are kept for later and the picture stays. */
  apply(records: readonly LogRecord[]): void {
    if (records.length === 0) return;
    for (const record of records) this.records.push(record);
    if (this.shown === null) this.moveTo(this.records.length);
    this.changed();
  }

  /** Show the state after that many records; null follows the end. */
  showAt(position: number | null): void {
    const target = position === null ? this.records.length : clamp(Math.floor(position), this.records.length);
    if (position === null ? this.shown === null : this.shown === target) return;
    this.shown = position === null ? null : target;
    this.moveTo(target);
    this.changed();
  }

  /** Records so far, shown or not. */
  get length(): number { return this.records.length; }
  get seq(): number { return this.records.at(-1)?.seq ?? 0; }
  get position(): number | null { return this.shown; }
  /** Grows with every change of what is shown. */
  get version(): number { return this.changes; }
  get root(): number | undefined { return this.graph.root; }
  /** Nodes in the graph that is shown. */
  get size(): number { return this.graph.nodes.size; }
  get meta(): Meta { return this.graph.meta; }
  info(node: number): NodeInfo | undefined { return this.graph.nodes.get(node); }
  /** All nodes shown, in order of their records. */
  nodes(): IterableIterator<NodeInfo> { return this.graph.nodes.values(); }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => { this.listeners.delete(listener); };
  }

  /** Seconds from the first record to the one at the position (the last of that many records). */
  timeOf(position: number): number {
    const first = this.records[0];
    const last = this.records[clamp(Math.floor(position), this.records.length) - 1];
    return first && last ? Math.max(0, last.at - first.at) : 0;
  }

  /** The record at an index, for the marks of the slider. */
  record(index: number): LogRecord | undefined { return this.records[index]; }

  private moveTo(target: number): void {
    while (this.undo.length < target) {
      const record = this.records[this.undo.length] as LogRecord;
      this.undo.push(record.kind === "start" ? this.restart(record) : this.graph.fold(record));
    }
    while (this.undo.length > target) {
      const before = this.undo.pop();
      if (before instanceof Graph) this.graph = before;
      else this.graph.unfold(this.records[this.undo.length] as LogRecord, before);
    }
  }

  /** A new attempt numbers its nodes anew: begin with an empty graph and keep the old one for the slider. */
  private restart(record: Extract<LogRecord, { kind: "start" }>): Graph {
    const before = this.graph;
    this.graph = new Graph();
    Object.assign(this.graph.meta, {
      provers: record.provers, policy: record.policy, budget: record.budget, started: record.at,
    });
    return before;
  }

  private changed(): void {
    this.changes += 1;
    for (const listener of [...this.listeners]) listener();
  }
}

function clamp(value: number, most: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(0, value), most) : 0;
}
