import { useMemo, useState } from "preact/hooks";
import type { GoalNode, View } from "../api/types";
import { CopyButton } from "../app/copy";
import { counted } from "../app/format";
import { Badge } from "../app/icon";
import { recall, remember } from "../app/storage";
import { hypotheses, type HypothesisChange } from "../model/diff";
import type { GoalPanelProps } from "./goal";
import { StepTable } from "./goal-steps";
import { DiffText, LongText, NodeLink, tooLongForDiff } from "./goal-text";

const HYPOTHESES = 150;
const CUT = 4000;

/** A goal: what is known, what is to be shown, and what was tried on it. */
export function GoalDetails(p: GoalPanelProps & { goal: GoalNode }) {
  const { goal, model } = p;
  const info = model.info(goal.node);
  const status = info?.status ?? "open";
  const before = goal.parent?.goal ?? null;
  const [changes, setChanges] = useState(() => recall("changes") !== "no");
  const comparable = before !== null && !tooLongForDiff(before.conclusion, goal.conclusion);
  const toggle = (): void => {
    remember("changes", changes ? "no" : "yes");
    setChanges(!changes);
  };
  const users = info?.kind === "goal" ? info.users.filter((step) => step !== goal.parent?.step.node) : [];
  return (
    <article class="goal">
      <header class="panel-head">
        <h2>Goal {goal.node}</h2>
        <Badge sign={status} />
        <span class="muted">{goal.parent ? `depth ${goal.depth}` : "root"}</span>
        <span class="push" />
        {before && (
          <label class="check">
            <input type="checkbox" checked={changes} onChange={toggle} /> Changes
          </label>
        )}
        <CopyButton text={asText(goal)} what="the goal" />
      </header>
      {goal.parent && (
        <p class="origin">
          <span class="muted">After </span>
          <NodeLink view={p.view.id} node={goal.parent.step.node} onSelect={p.onSelect} class="mono clip">
            {goal.parent.step.text === "" ? `step ${goal.parent.step.node}` : goal.parent.step.text.slice(0, 300)}
          </NodeLink>
          <span class="muted"> on </span>
          <NodeLink view={p.view.id} node={goal.parent.goal.node} onSelect={p.onSelect}>goal {goal.parent.goal.node}</NodeLink>
        </p>
      )}
      {users.length > 0 && <Users {...p} users={users} root={goal.parent === null} />}
      <Hypotheses old={changes ? before?.hypotheses ?? null : null} fresh={goal.hypotheses} />
      <h3>To show</h3>
      {changes && before && comparable ? <DiffText old={before.conclusion} text={goal.conclusion} /> : <LongText text={goal.conclusion} />}
      {changes && before && !comparable && <p class="muted">Too long to mark what changed.</p>}
      <StepTable {...p} steps={goal.steps} more={goal.more} status={status} />
    </article>
  );
}

const USERS = 6;

/** Goals are shared: the other steps that need this one. */
function Users(p: { view: View; users: readonly number[]; root: boolean; onSelect: (node: number) => void }) {
  const [all, setAll] = useState(false);
  const shown = all ? p.users : p.users.slice(0, USERS);
  return (
    <p class="users">
      <span class="muted">{p.root ? "Led back to by " : "Also needed by "}</span>
      {shown.map((step, index) => (
        <span key={step}>{index > 0 && ", "}<NodeLink view={p.view.id} node={step} onSelect={p.onSelect}>step {step}</NodeLink></span>
      ))}
      {shown.length < p.users.length && <> <button type="button" class="link" onClick={() => setAll(true)}>and {p.users.length - shown.length} more</button></>}
    </p>
  );
}

function asText(goal: GoalNode): string {
  const known = goal.hypotheses.map(([name, text]) => `${name} : ${text}`);
  return [...known, "=".repeat(28), goal.conclusion].join("\n");
}

const WORD: Record<HypothesisChange["kind"], string> = { same: "", added: "new", changed: "changed", removed: "gone" };

function Hypotheses({ old, fresh }: { old: [string, string][] | null; fresh: [string, string][] }) {
  const [all, setAll] = useState(false);
  const list = useMemo(() => hypotheses(old ?? fresh, fresh), [old, fresh]);
  if (list.length === 0) return null;
  const shown = all ? list : list.slice(0, HYPOTHESES);
  return (
    <section>
      <h3>Known <span class="muted">{counted(fresh.length, "hypothesis", "hypotheses")}</span></h3>
      <dl class="hypotheses">
        {shown.map((item, index) => (
          <div key={`${index} ${item.name}`} class={`hypothesis kind-${item.kind}`}>
            <dt>{item.name}</dt>
            <dd>{text(item)}</dd>
            <dd class="fate">{item.kind !== "same" && <span class="tag">{WORD[item.kind]}</span>}</dd>
          </div>
        ))}
      </dl>
      {shown.length < list.length && <button type="button" class="small" onClick={() => setAll(true)}>Show all {list.length}</button>}
    </section>
  );
}

function text(item: HypothesisChange) {
  const now = item.text ?? item.old ?? "";
  if (now.length > CUT) return <LongText text={now} />;
  if (item.kind !== "changed" || item.old === null || tooLongForDiff(item.old, now)) return now;
  return <DiffText old={item.old} text={now} />;
}
