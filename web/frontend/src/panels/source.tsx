import type { ComponentChildren, JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { StepText, View } from "../api/types";
import { CopyButton } from "../app/copy";
import { baseName } from "../app/format";
import { viewHash } from "../app/routes";
import { annotate, byLine, type Annotations } from "../model/annotate";
import { CodeView, type Mark } from "./parts/code-view";
import { FailureRow, LoopClauses } from "./parts/notes";
import { Values } from "./parts/values";

/** The obligation's source, with what is known of a step at the lines that it is about. */
export function SourcePanel({ view, step, onSelect }: { view: View; step: StepText | null; onSelect: (n: number) => void }): JSX.Element {
  const obligation = view.obligation;
  const lines = useMemo(() => (obligation?.source ?? "").split("\n"), [obligation?.source]);
  const notes = useMemo(() => annotate(view, step), [view.loops, step]);
  const { marks, rows, elsewhere } = useMemo(() => place(view, notes, lines.length), [view.obligation, notes, lines]);
  const [jump, setJump] = useState<{ line: number; turn: number } | null>(null);
  if (!obligation) return <p class="muted">The source is not known: neither the store nor a certificate has it.</p>;
  const goal = obligation.line;
  const failure = notes.failures[0]?.line ?? null;
  const go = (line: number): void => setJump((old) => ({ line, turn: (old?.turn ?? 0) + 1 }));
  const loops = notes.loops.filter((loop) => loop.line !== null);
  return (
    <section class="source-panel">
      <header class="panel-head">
        <h2 title={obligation.file}>{baseName(obligation.file)}</h2>
        <span class="muted">{lines.length.toLocaleString("en-US")} lines</span>
        <span class="push" />
        <button type="button" class="small" onClick={() => go(goal)}>Line {goal}</button>
        {loops.map((loop) => <button key={loop.label} type="button" class="small" onClick={() => go(loop.line ?? 1)}>Loop {loop.label}</button>)}
        {failure !== null && <button type="button" class="small" onClick={() => go(failure)}>Failure</button>}
        <CopyButton text={obligation.source} what="the source" />
      </header>
      {step && (notes.loops.length > 0 || notes.failures.length > 0) && (
        <p class="source-step">
          Shown at its lines: <a href={viewHash(view.id, step.node)} onClick={(event) => { event.preventDefault(); onSelect(step.node); }}>step {step.node}</a>
          {step.prover !== "" && <span class="muted"> by {step.prover}</span>}
        </p>
      )}
      {step && notes.message !== "" && <div class="source-step"><p>Step {step.node}: {notes.message.slice(0, 2000)}</p><Values model={step.model} label="Values that break it" /></div>}
      {elsewhere}
      <CodeView
        lines={lines}
        language={obligation.language}
        label={`Source of ${view.name}`}
        marks={marks}
        notes={rows}
        focus={jump?.line ?? failure ?? goal}
        turn={jump?.turn ?? step?.node}
      />
    </section>
  );
}

function place(view: View, notes: Annotations, count: number): { marks: Map<number, Mark[]>; rows: Map<number, ComponentChildren>; elsewhere: ComponentChildren } {
  const marks = new Map<number, Mark[]>();
  const add = (line: number, mark: Mark): void => void marks.set(line, [...(marks.get(line) ?? []), mark]);
  if (view.obligation) add(view.obligation.line, { kind: "goal", text: view.name });
  const loops = byLine(notes.loops, count);
  const failures = byLine(notes.failures, count);
  const rows = new Map<number, ComponentChildren>();
  let elsewhere: ComponentChildren = null;
  for (const line of new Set([...loops.keys(), ...failures.keys()])) {
    const found = (
      <>
        {failures.get(line)?.map((note, i) => <FailureRow key={`failure ${i}`} note={note} />)}
        {loops.get(line)?.map((note) => <LoopClauses key={note.label} note={note} />)}
      </>
    );
    const failed = failures.get(line)?.[0];
    if (failed) add(line, { kind: "failure", text: "may fail here", column: failed.column });
    if (line === 0) elsewhere = found;
    else rows.set(line, found);
  }
  return { marks, rows, elsewhere };
}
