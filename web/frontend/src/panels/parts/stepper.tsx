import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Counterexample, View } from "../../api/types";
import { Icon } from "../../app/icon";
import { show, Trace, type Moment, type Variable } from "../../model/trace";
import { CodeView, type Mark } from "./code-view";
import { Value } from "./values";

const MOST = 500;

/** A program's run to its failure, one step at a time over the source. */
export function Stepper({ view, run }: { view: View; run: Counterexample }): JSX.Element {
  const trace = useMemo(() => new Trace(run), [run]);
  const [place, setPlace] = useState(0);
  const last = trace.length - 1;
  const now = trace.at(place);
  const lines = useMemo(() => (view.obligation?.source ?? "").split("\n"), [view.obligation?.source]);
  const go = (to: number): void => setPlace(Math.max(0, Math.min(last, to)));
  const keys = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const to = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    go(to);
  };
  const marks = useMemo(() => new Map<number, Mark[]>([[now.line, [mark(now)]]]), [now]);
  return (
    <section class="counterexample" aria-label="Counterexample" tabIndex={0} onKeyDown={keys}>
      <header class="panel-head">
        <h2>Counterexample</h2>
        <span class="muted">a run of <span class="mono">{run.function}</span> that fails</span>
      </header>
      <div class="stepper-bar" role="group" aria-label="Steps of the run">
        <button type="button" class="step-button" aria-label="First step" title="First (Home)" disabled={place === 0} onClick={() => go(0)}><Arrow d="M4-4L-1 0L4 4M-4-4V4" /></button>
        <button type="button" class="step-button" aria-label="Previous step" title="Previous (←)" disabled={place === 0} onClick={() => go(place - 1)}><Arrow d="M2.5-4L-2.5 0L2.5 4" /></button>
        <button type="button" class="step-button" aria-label="Next step" title="Next (→)" disabled={place === last} onClick={() => go(place + 1)}><Arrow d="M-2.5-4L2.5 0L-2.5 4" /></button>
        <button type="button" class="step-button" aria-label="Last step: the failure" title="Last (End)" disabled={place === last} onClick={() => go(last)}><Arrow d="M-4-4L1 0L-4 4M4-4V4" /></button>
        <input
          type="range" min={0} max={last} value={place} aria-label="Step" aria-valuetext={spoken(now, place, trace.length)}
          onInput={(event) => go(Number(event.currentTarget.value))}
        />
        <span class="step-count">{place + 1} of {trace.length}</span>
      </div>
      <p class="offscreen" aria-live="polite">{spoken(now, place, trace.length)}</p>
      {now.failure !== null && (
        <p class="failure-banner"><Icon sign="failed" /> <strong>{now.failure}</strong> <span>at {now.line}:{now.column}</span></p>
      )}
      <div class="stepper">
        <CodeView lines={lines} language={view.obligation?.language ?? "c"} label="Source with the current step" marks={marks} focus={now.line} turn={place} />
        <div class="stepper-values">
          <VariableTable variables={now.variables} />
          <Inputs run={run} />
        </div>
      </div>
    </section>
  );
}

function Arrow({ d }: { d: string }): JSX.Element {
  return (
    <svg viewBox="-7 -7 14 14" width="14" height="14" aria-hidden="true" focusable="false">
      <path d={d} fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}

function mark(now: Moment): Mark {
  if (now.failure !== null) return { kind: "failure", text: now.failure, column: now.column };
  const changed = now.variables.filter((variable) => variable.changed);
  const text = changed.slice(0, 4).map((variable) => `${variable.name} = ${show(variable.value).slice(0, 40)}`).join(", ");
  return { kind: "current", text, column: now.column };
}

function spoken(now: Moment, place: number, length: number): string {
  const changed = now.variables.filter((variable) => variable.changed).slice(0, 6);
  const said = changed.map((variable) => `${variable.name} is ${show(variable.value).slice(0, 60)}`).join(", ");
  return `Step ${place + 1} of ${length}, line ${now.line}: ${now.failure ?? (said || "no variable changes")}`;
}

function VariableTable({ variables }: { variables: readonly Variable[] }): JSX.Element {
  if (variables.length === 0) return <p class="muted">No variable has a value yet.</p>;
  return (
    <table class="pairs variables">
      <caption>Variables</caption>
      <thead><tr><th scope="col">Name</th><th scope="col">Value</th><th scope="col">Before</th></tr></thead>
      <tbody>
        {variables.slice(0, MOST).map((variable) => (
          <tr key={variable.name} class={variable.changed ? "is-changed" : undefined}>
            <th scope="row" class="mono">{variable.name}</th>
            <td><Value value={variable.value} /></td>
            <td class="before">{variable.changed && (variable.before === undefined ? <span class="tag">new</span> : <Value value={variable.before} />)}</td>
          </tr>
        ))}
        {variables.length > MOST && <tr><td colSpan={3} class="muted">and {variables.length - MOST} more</td></tr>}
      </tbody>
    </table>
  );
}

function Inputs({ run }: { run: Counterexample }): JSX.Element | null {
  const inputs = run.inputs ?? [];
  if (inputs.length === 0) return null;
  return (
    <table class="pairs">
      <caption>Inputs that lead there</caption>
      <thead><tr><th scope="col">Name</th><th scope="col">Value</th><th scope="col" class="number">Line</th></tr></thead>
      <tbody>
        {inputs.slice(0, MOST).map((input, i) => (
          <tr key={i}><th scope="row" class="mono">{String(input.name)}</th><td><Value value={input.value} /></td><td class="number">{String(input.line ?? "")}</td></tr>
        ))}
        {inputs.length > MOST && <tr><td colSpan={3} class="muted">and {inputs.length - MOST} more</td></tr>}
      </tbody>
    </table>
  );
}
