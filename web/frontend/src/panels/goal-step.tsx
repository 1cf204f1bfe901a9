import type { StepNode, StepText, View } from "../api/types";
import { CopyButton } from "../app/copy";
import { counted, duration, probability } from "../app/format";
import { Badge, Icon } from "../app/icon";
import type { SearchModel } from "../model/search";
import type { GoalPanelProps } from "./goal";
import { ConditionsPart } from "./goal-conditions";
import { statusOf } from "./goal-steps";
import { inline, LongText, NodeLink, Values } from "./goal-text";

/** A step: what it says, what the checker answered, and where it leads. */
export function StepDetails(p: GoalPanelProps & { step: StepNode }) {
  const { step, view, model } = p;
  const asked = view.obligation?.language === "c" || view.obligation?.language === "smt2";
  const clauses = step.parts.length > 0;
  return (
    <article class="step">
      <header class="panel-head">
        <h2>Step {step.node}</h2>
        <Badge sign={statusOf(model, step)} />
        <span class="push" />
        {step.text !== "" && <CopyButton text={step.text} what="the step" />}
      </header>
      <p class="origin">
        <span class="muted">On </span>
        <NodeLink view={view.id} node={step.on.node} onSelect={p.onSelect}>goal {step.on.node}</NodeLink>{" "}
        <span class="mono clip">{step.on.conclusion.slice(0, 300)}</span>
      </p>
      {clauses ? <Clauses view={view} step={step} /> : <LongText text={step.text} empty={step.step_kind === "clauses" ? "No clauses: the program as it stands." : "(no text)"} />}
      {step.message !== "" && (
        <section class={`answer is-${statusOf(model, step)}`}>
          <h3>The checker's answer</h3>
          <LongText text={step.message} />
        </section>
      )}
      <Values model={step.model} caption="Values that break it" />
      {step.replacement !== null && (
        <section>
          <h3>What the checker says to write instead</h3>
          <LongText text={step.replacement} />
        </section>
      )}
      <dl class="facts">
        <Fact name="Prover" value={step.prover === "" ? "not recorded" : step.prover} />
        <Fact name="Kind" value={step.step_kind} />
        {step.score !== null && <Fact name="Probability" value={`${probability(step.score)} (log ${step.score.toFixed(3)})`} />}
        <Fact name="Checked in" value={step.cached ? "0 ms, from the cache" : duration(step.seconds)} />
        {view.started !== null && step.at > 0 && model.meta.started > 0 && <Fact name="At" value={`${duration(Math.max(0, step.at - model.meta.started))} after the start`} />}
      </dl>
      {step.subgoals.length > 0 && <Subgoals {...p} subgoals={step.subgoals} model={model} />}
      {asked && <ConditionsPart key={step.node} view={view.id} source={p.source} step={step.node} />}
    </article>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return <div><dt>{name}</dt><dd>{value}</dd></div>;
}

function Subgoals(p: { view: View; subgoals: number[]; model: SearchModel; onSelect: (node: number) => void }) {
  return (
    <section>
      <h3>Subgoals</h3>
      <ol class="subgoals">
        {p.subgoals.map((number) => {
          const info = p.model.info(number);
          return (
            <li key={number}>
              {info && <span class={`status is-${info.status}`}><Icon sign={info.status} /> {info.status}</span>}
              <NodeLink view={p.view.id} node={number} onSelect={p.onSelect}>goal {number}</NodeLink>
              {info && <span class="mono clip">{info.label}</span>}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

type Part = StepText["parts"][number];

/** Invariant clauses by the loop that they belong to. */
function Clauses({ view, step }: { view: View; step: StepText }) {
  const groups = new Map<string, Part[]>();
  for (const part of step.parts) {
    const group = groups.get(part.label);
    if (group) group.push(part);
    else groups.set(part.label, [part]);
  }
  return (
    <>
      {[...groups].map(([label, parts]) => {
        const place = Object.hasOwn(view.loops, label) ? view.loops[label] : undefined;
        return (
          <section key={label}>
            <h3>Loop {label} <span class="muted">{place && `line ${place.line}, `}{tally(parts)}</span></h3>
            <div class="table-scroll" tabIndex={0} role="region" aria-label={`Clauses of loop ${label}`}>
              <table class="clauses">
                <thead><tr><th scope="col">Checked</th><th scope="col">Clause</th></tr></thead>
                <tbody>
                  {keptFirst(parts).slice(0, CLAUSES).map((part, index) => <Clause key={index} part={part} />)}
                </tbody>
              </table>
            </div>
            {parts.length > CLAUSES && <p class="muted">{parts.length - CLAUSES} more clauses are not listed.</p>}
          </section>
        );
      })}
    </>
  );
}

const CLAUSES = 300;

function keptFirst(parts: readonly Part[]): Part[] {
  return [...parts].sort((a, b) => Number(b.accepted === true) - Number(a.accepted === true));
}

function tally(parts: readonly Part[]): string {
  const kept = parts.filter((part) => part.accepted === true).length;
  const rejected = parts.filter((part) => part.accepted === false).length;
  return kept + rejected === 0 ? counted(parts.length, "clause") : `${kept} kept, ${rejected} rejected`;
}

function Clause({ part }: { part: Part }) {
  const sign = part.accepted === null ? "pending" : part.accepted ? "proved" : "rejected";
  const word = part.accepted === null ? "not said" : part.accepted ? "kept" : "rejected";
  const values = inline(part.model);
  return (
    <tr>
      <td><span class={`status is-${sign}`}><Icon sign={sign} /> {word}</span></td>
      <td class="what">
        <span class="mono">{part.text}</span>
        {(part.message !== "" || values !== "") && (
          <p class="message">{part.message}{part.message !== "" && values !== "" && " — "}{values !== "" && <span class="mono">{values}</span>}</p>
        )}
      </td>
    </tr>
  );
}
