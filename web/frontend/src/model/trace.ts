/** A counterexample's run: the values of all variables after each of its steps. */

import type { Counterexample } from "../api/types";

export interface Variable {
  name: string;
  value: unknown;
  /** Whether this step assigned it. */
  changed: boolean;
  /** The value before, where the step changed it and it had one. */
  before: unknown;
}

export interface Moment {
  line: number;
  column: number;
  /** In the order in which the run first assigns them. */
  variables: Variable[];
  /** What went wrong, at the last moment only. */
  failure: string | null;
}

/** Steps between two stored states: a jump refolds no more than these. */
const STRIDE = 128;

/** Whether a counterexample is a run of a program, in the shape that the page can step through. */
export function isRun(value: unknown): value is Counterexample {
  if (!isRecord(value) || !Array.isArray(value.trace) || !isRecord(value.failure)) return false;
  const whole = (n: unknown) => typeof n === "number" && Number.isFinite(n);
  return (
    value.trace.every((step: unknown) => isRecord(step) && whole(step.line) && whole(step.column) && isRecord(step.values)) &&
    whole(value.failure.line) &&
    whole(value.failure.column) &&
    typeof value.failure.message === "string" &&
    (value.inputs === undefined || (Array.isArray(value.inputs) && value.inputs.every(isRecord)))
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The moments of a run: one after each step of the trace, and the failure. */
export class Trace {
  /** Number of moments, at least 1. */
  readonly length: number;
  private readonly names: string[] = [];
  private readonly stored: Map<string, unknown>[] = [];

  constructor(private readonly run: Counterexample) {
    this.length = run.trace.length + 1;
    const state = new Map<string, unknown>();
    run.trace.forEach((step, i) => {
      if (i % STRIDE === 0) this.stored.push(new Map(state));
      for (const name of Object.keys(step.values)) {
        if (!state.has(name)) this.names.push(name);
        state.set(name, step.values[name]);
      }
    });
  }

  at(index: number): Moment {
    const { trace, failure } = this.run;
    const place = Math.max(0, Math.min(index, this.length - 1));
    const last = place === trace.length;
    const state = this.before(place);
    const step = trace[place];
    const assigned = step?.values ?? {};
    const variables: Variable[] = [];
    for (const name of this.names) {
      const changed = Object.hasOwn(assigned, name);
      if (!changed && !state.has(name)) continue;
      const before = state.get(name);
      variables.push({ name, value: changed ? assigned[name] : before, changed, before: changed ? before : undefined });
    }
    return {
      line: step ? step.line : failure.line,
      column: step ? step.column : failure.column,
      variables,
      failure: last ? failure.message : null,
    };
  }

  /** State before step `place`. */
  private before(place: number): Map<string, unknown> {
    const from = Math.min(Math.floor(place / STRIDE), this.stored.length - 1);
    const state = new Map(this.stored[from] ?? []);
    for (let i = Math.max(from, 0) * STRIDE; i < place; i++) {
      const { values } = this.run.trace[i]!;
      for (const name of Object.keys(values)) state.set(name, values[name]);
    }
    return state;
  }
}

/** A value on one line, as a person would write it. */
export function show(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  return JSON.stringify(value) ?? String(value);
}
