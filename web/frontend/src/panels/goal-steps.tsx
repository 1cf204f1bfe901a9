import { useMemo, useState } from "preact/hooks";
import type { StepText } from "../api/types";
import { count, milliseconds, probability } from "../app/format";
import { Icon, signWord } from "../app/icon";
import { STATUSES, type SearchModel, type Status } from "../model/search";
import type { GoalPanelProps } from "./goal";
import { inline, NodeLink } from "./goal-text";

/** Rows drawn at first: a goal may have hundreds of steps, and it is drawn again while the search goes on. */
const ROWS = 60;
const REFUSED: readonly Status[] = ["rejected", "timed-out", "crashed"];
const RANK = new Map(["proved", "open", "failed", "irrelevant", "pruned-cycle", "timed-out", "rejected", "crashed"].map((name, index) => [name, index]));

export type Order = "status" | "checked" | "score" | "time";

export function statusOf(model: SearchModel, step: StepText): Status {
  const known = model.info(step.node)?.status;
  if (known) return known;
  if (step.outcome === "timedout") return "timed-out";
  return STATUSES.find((status) => status === step.outcome) ?? "open";
}

/** Candidate steps in the order that the reader asked for; ties keep the order in which they were checked. */
export function ordered(steps: readonly { step: StepText; status: Status }[], order: Order): { step: StepText; status: Status }[] {
  const list = [...steps];
  if (order === "status") list.sort((a, b) => (RANK.get(a.status) ?? 9) - (RANK.get(b.status) ?? 9));
  else if (order === "score") list.sort((a, b) => (b.step.score ?? -Infinity) - (a.step.score ?? -Infinity) || 0);
  else if (order === "time") list.sort((a, b) => b.step.seconds - a.step.seconds);
  return list;
}

/** What was tried on a goal. */
export function StepTable(p: GoalPanelProps & { steps: StepText[]; more: boolean; status: Status }) {
  const { model, steps } = p;
  const [order, setOrder] = useState<Order>("status");
  const [hide, setHide] = useState(false);
  const [all, setAll] = useState(false);
  const rows = useMemo(() => {
    // In the past that the slider shows, later steps do not exist yet.
    const there = model.position === null ? steps : steps.filter((step) => model.info(step.node) !== undefined);
    return there.map((step) => ({ step, status: statusOf(model, step) }));
  }, [steps, p.version, model]);
  const refused = rows.filter((row) => REFUSED.includes(row.status)).length;
  const kept = ordered(hide ? rows.filter((row) => !REFUSED.includes(row.status)) : rows, order);
  const shown = all ? kept : kept.slice(0, ROWS);

  if (rows.length === 0) {
    const why = p.view.live ? "No step was checked on this goal yet." : "No step was checked on this goal.";
    return <section><h3>Steps</h3><p class="muted">{why}</p></section>;
  }
  const head = (name: Order, text: string, title: string, number = false) => (
    <th scope="col" class={number ? "number" : undefined} aria-sort={order === name ? (name === "score" || name === "time" ? "descending" : "ascending") : undefined}>
      <button type="button" class="sort" title={title} onClick={() => setOrder(name)}>{text}{order === name && <span aria-hidden="true"> ▾</span>}</button>
    </th>
  );
  return (
    <section>
      <div class="section-head">
        <h3>Steps <span class="muted">{count(rows.length)}{p.more ? " of more" : ""} tried, {count(rows.length - refused)} accepted</span></h3>
        {refused > 0 && refused < rows.length && (
          <label class="check"><input type="checkbox" checked={hide} onChange={() => setHide(!hide)} /> Hide {count(refused)} refused</label>
        )}
      </div>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Steps tried on this goal">
        <table class="steps">
          <thead>
            <tr>
              {head("status", "Status", "Accepted steps first")}
              {head("checked", "Step", "In the order of checking")}
              <th scope="col">Prover</th>
              {head("score", "Score", "Most probable first", true)}
              {head("time", "ms", "Slowest first", true)}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ step, status }) => (
              <tr key={step.node} class={`is-row-${status}`} onClick={() => p.onSelect(step.node)}>
                <td><span class={`status is-${status}`}><Icon sign={status} /> {signWord(status)}</span></td>
                <td class="what">
                  <NodeLink view={p.view.id} node={step.node} onSelect={p.onSelect} class="mono clamp">{label(step)}</NodeLink>
                  {step.message !== "" && <p class="message clamp">{said(step)}</p>}
                </td>
                <td class="prover">{step.prover === "" ? "–" : step.prover}</td>
                <td class="number" title={step.score === null ? undefined : `log-probability ${step.score.toFixed(3)}`}>
                  {step.score === null ? "–" : probability(step.score)}
                </td>
                <td class="number">{step.cached ? <abbr title="answered from the cache">cached</abbr> : milliseconds(step.seconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < kept.length && <button type="button" class="small" onClick={() => setAll(true)}>Show all {count(kept.length)}</button>}
      {p.more && <p class="muted">Only the first {count(steps.length)} steps are listed; the tree has all of them.</p>}
    </section>
  );
}

function label(step: StepText): string {
  if (step.text !== "") return step.text.slice(0, 400);
  return step.step_kind === "clauses" ? "no clauses" : `step ${step.node}`;
}

function said(step: StepText): string {
  const values = inline(step.model);
  return (values === "" ? step.message : `${step.message} — ${values}`).slice(0, 400);
}
