/** Where in a source the facts about a step belong: invariant clauses at their loops, failures at their places. */

import type { StepText, View } from "../api/types";

export interface Clause {
  label: string;
  text: string;
  language: string;
  /** null where the checker did not get to it. */
  accepted: boolean | null;
  message: string;
  model: Record<string, unknown>;
}

/** The clauses of one loop. */
export interface LoopNote {
  label: string;
  /** Line of the loop; null where the label names no loop of the source. */
  line: number | null;
  column: number;
  kept: Clause[];
  rejected: Clause[];
  open: Clause[];
}

export interface FailureNote {
  line: number;
  column: number;
  message: string;
  model: Record<string, unknown>;
}

export interface Annotations {
  loops: LoopNote[];
  failures: FailureNote[];
  /** The step's message where it names no place of the source. */
  message: string;
}

const PLACE = / at (\d{1,9}):(\d{1,9})$/;
const MOST_FAILURES = 200;

/** Reads "assertion may fail at 17:5; ..." as messages with places. */
export function failures(message: string, model: Record<string, unknown>): FailureNote[] {
  const found: FailureNote[] = [];
  for (const part of message.split(";").slice(0, MOST_FAILURES)) {
    const text = part.trim();
    // Long texts are not of this shape; the pattern is anchored at the end only.
    const place = text.length <= 500 ? PLACE.exec(text) : null;
    if (place) found.push({ line: Number(place[1]), column: Number(place[2]), message: text.slice(0, place.index), model });
  }
  return found;
}

/** Returns where the parts and the message of a step belong in the source of a view. */
export function annotate(view: Pick<View, "loops">, step: StepText | null): Annotations {
  if (!step) return { loops: [], failures: [], message: "" };
  const loops = new Map<string, LoopNote>();
  for (const part of step.parts) {
    let note = loops.get(part.label);
    if (!note) {
      const place = Object.hasOwn(view.loops, part.label) ? view.loops[part.label] : undefined;
      note = { label: part.label, line: place?.line ?? null, column: place?.column ?? 1, kept: [], rejected: [], open: [] };
      loops.set(part.label, note);
    }
    (part.accepted === null ? note.open : part.accepted ? note.kept : note.rejected).push(part);
  }
  const found = failures(step.message, step.model);
  const sorted = [...loops.values()].sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || a.column - b.column);
  return { loops: sorted, failures: found, message: found.length > 0 ? "" : step.message };
}

/** Groups notes by their line; those without a line in the source (1 to `lines`) come under 0. */
export function byLine<T extends { line: number | null }>(notes: readonly T[], lines: number): Map<number, T[]> {
  const found = new Map<number, T[]>();
  for (const note of notes) {
    const line = note.line !== null && note.line >= 1 && note.line <= lines ? note.line : 0;
    const at = found.get(line);
    if (at) at.push(note);
    else found.set(line, [note]);
  }
  return found;
}
