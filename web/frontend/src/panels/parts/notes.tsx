import type { JSX } from "preact";
import { Icon } from "../../app/icon";
import type { Clause, FailureNote, LoopNote } from "../../model/annotate";
import { scanLine, START } from "../../model/highlight";
import { Coloured } from "./code-line";
import { Values } from "./values";

/** Clauses that are shown at once; provers may propose hundreds. */
const KEPT = 12;
const MOST = 300;

/** What became of the clauses of one loop. */
export function LoopClauses({ note }: { note: LoopNote }): JSX.Element {
  const counts = [[note.kept.length, "kept"], [note.rejected.length, "rejected"], [note.open.length, "not judged"]] as const;
  const said = counts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`).join(", ");
  // Before the checker has judged, what was proposed is all there is to see.
  const [ahead, behind] = note.kept.length > 0 || note.rejected.length > 0 ? [note.kept, note.open] : [note.open, note.kept];
  return (
    <section class="loop-note" aria-label={`Invariant of loop ${note.label}`}>
      <p class="loop-head"><strong>Invariant {note.label}</strong> <span class="muted">{said}</span></p>
      <ClauseList clauses={ahead.slice(0, KEPT)} />
      <Folded clauses={ahead.slice(KEPT)} word={ahead === note.kept ? "more kept" : "more not judged"} />
      <Folded clauses={note.rejected} word="rejected" />
      <Folded clauses={behind} word="not judged" />
    </section>
  );
}

function Folded({ clauses, word }: { clauses: readonly Clause[]; word: string }): JSX.Element | null {
  if (clauses.length === 0) return null;
  return (
    <details>
      <summary>{clauses.length} {word}</summary>
      <ClauseList clauses={clauses} />
    </details>
  );
}

function ClauseList({ clauses }: { clauses: readonly Clause[] }): JSX.Element | null {
  if (clauses.length === 0) return null;
  return (
    <ul class="clauses">
      {clauses.slice(0, MOST).map((clause, i) => <ClauseRow key={i} clause={clause} />)}
      {clauses.length > MOST && <li class="muted">and {clauses.length - MOST} more</li>}
    </ul>
  );
}

function ClauseRow({ clause }: { clause: Clause }): JSX.Element {
  const state = clause.accepted === null ? "open" : clause.accepted ? "proved" : "rejected";
  const word = clause.accepted === null ? "not judged" : clause.accepted ? "kept" : "rejected";
  return (
    <li class={`clause is-${state}`}>
      <Icon sign={state} /><span class="offscreen">{word}: </span>
      <div>
        <code><Coloured tokens={scanLine(clause.text.slice(0, 2000), clause.language, START).tokens} /></code>
        {clause.message !== "" && <span class="clause-reason">{clause.message}</span>}
        <Values model={clause.model} label="Values that break it" />
      </div>
    </li>
  );
}

export function FailureRow({ note }: { note: FailureNote }): JSX.Element {
  return (
    <div class="failure-note">
      <p><Icon sign="failed" /> <strong>{note.message}</strong> <span class="muted">at {note.line}:{note.column}</span></p>
      <Values model={note.model} label="Values that break it" />
    </div>
  );
}
