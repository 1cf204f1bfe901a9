import type { Source } from "../api/source";
import type { Stats, View } from "../api/types";
import { explain, Prose } from "../app/error";
import { baseName, count, duration, moment, stamp } from "../app/format";
import { Badge, Icon, type Sign, signWord } from "../app/icon";
import { Menu } from "../app/menu";
import { formatRoute, viewHash } from "../app/routes";
import { type Standing, told } from "../app/standing";
import type { SessionState } from "../app/session";
import type { Meta, SearchModel } from "../model/search";
import { Provers } from "./provers";
import { Live } from "./runs";

interface Props { view: View; state: SessionState; model: SearchModel; source: Source; stands: Standing; retry: () => void }

/** What became of an obligation, at a glance. */
export function ViewHeader({ view, state, model, source, stands, retry }: Props) {
  const { meta } = model;
  const verdict = view.verdict ?? (view.live ? meta.end?.verdict ?? null : null);
  const sign: Sign = verdict ?? (view.live ? "running" : "pending");
  const reason = view.reason ?? meta.end?.reason ?? null;
  const place = view.obligation ? `${baseName(view.obligation.file)}:${view.obligation.line}` : baseName(view.target);
  return (
    <header class="view-head">
      <div class="view-title">
        {view.verdict ? <Badge large {...told(view.verdict, stands)} /> : <Badge sign={sign} large />}
        <h1 tabIndex={-1} class="mono">{view.name}</h1>
        {reason !== null && reason !== "" && <span class={`reason is-${sign}`}>{reason}</span>}
        <span class="view-place" title={view.obligation?.file ?? view.target}>{place}</span>
        <span class="tag">{view.system}</span>
        {view.kind === "certificate" && <span class="tag">certificate</span>}
        {view.run !== null && !source.exported && <a href={formatRoute({ page: "run", id: view.run })}>run {view.run}</a>}
        {view.started !== null && <time class="view-place" dateTime={new Date(view.started * 1000).toISOString()} title={stamp(view.started)}>{moment(view.started)}</time>}
        {view.certificate && view.started === null && <span class="view-place">created {view.certificate.created.slice(0, 10)}</span>}
        {state.following && <Follow model={model} lost={state.lost !== null} />}
        <span class="push" />
        <Others view={view} source={source} />
      </div>
      {view.certificate && stands !== "verified" && <Claim verdict={view.certificate.verdict} stands={stands} exported={source.exported} />}
      {state.lost !== null && (
        <div class="banner" role="alert">
          <span><Prose text={explain(state.lost).message} /> <Prose text={explain(state.lost).hint ?? ""} /> The page shows what came until then.</span>
          <button type="button" class="small" onClick={retry}>Try again</button>
        </div>
      )}
      <Facts view={view} meta={meta} />
    </header>
  );
}

/** Nobody should take a certificate's word for it. */
function Claim({ verdict, stands, exported }: { verdict: string; stands: Standing; exported: boolean }) {
  if (stands === "valid") return <p class="claim"><Icon sign="proved" /> Replayed here: the certificate is valid.</p>;
  if (stands === "invalid") return <p class="claim bad" role="alert"><Icon sign="error" /> The certificate claims “{verdict}”, and that is not valid: see Checks.</p>;
  return (
    <p class="claim">
      This is what the certificate says of itself; nothing of it was checked here.{" "}
      {exported ? <>To check it, save the certificate and run <code>lemmata replay</code>.</> : <>Replay, under Checks, does.</>}
    </p>
  );
}

function Follow({ model, lost }: { model: SearchModel; lost: boolean }) {
  const paused = model.position !== null;
  return (
    <span class="follow">
      {lost ? <span class="status is-error"><Icon sign="error" /> connection lost</span> : <Live text={paused ? "live, paused" : "live"} />}
      <button type="button" class="small" aria-pressed={paused} onClick={() => model.showAt(paused ? null : model.length)}>{paused ? "Follow" : "Pause"}</button>
    </span>
  );
}

function Facts({ view, meta }: { view: View; meta: Meta }) {
  const stats: Stats = view.stats ?? {};
  const spent = meta.spent;
  // What is verified at the end has time of its own, beside the budget of the search.
  const seconds = stats.seconds ?? meta.end?.seconds ?? spent?.seconds ?? view.seconds;
  const calls = stats.checker_calls ?? spent?.checker_calls;
  const expansions = stats.expansions ?? spent?.expansions;
  return (
    <div class="view-facts">
      <dl class="strip">
        <Budget name="Search" value={seconds} text={duration} budget={meta.budget.seconds} />
        {(stats.verify_seconds ?? 0) > 0 && <Budget name="Verification" value={stats.verify_seconds} text={duration} />}
        <Budget name="Checker calls" value={calls} text={count} budget={meta.budget.checker_calls} />
        <Budget name="Expansions" value={expansions} text={count} budget={meta.budget.expansions} />
        <Budget name="Checker time" value={stats.checker_seconds ?? spent?.checker_seconds} text={duration} budget={meta.budget.checker_seconds} />
        {(stats.tokens ?? 0) > 0 && <Budget name="Tokens" value={stats.tokens} text={count} budget={meta.budget.tokens} />}
        {(stats.cached ?? 0) > 0 && <Budget name="From cache" value={stats.cached} text={count} />}
        {spent && view.verdict === null && <Budget name="Open goals" value={spent.open_goals} text={count} />}
      </dl>
      <Provers stats={stats.provers} live={meta.perProver} />
    </div>
  );
}

interface BudgetProps { name: string; value: number | null | undefined; text: (value: number) => string; budget?: number | null | undefined }

/** A number against its budget, with a small bar where there is one. */
function Budget({ name, value, text, budget }: BudgetProps) {
  if (value === null || value === undefined) return null;
  const share = budget ? Math.min(1, value / budget) : null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {text(value)}
        {budget ? <span class="muted"> of {text(budget)}</span> : null}
        {share !== null && (
          <span class={`gauge${share >= 0.999 ? " full" : ""}`} aria-hidden="true"><span style={{ width: `${(100 * share).toFixed(1)}%` }} /></span>
        )}
      </dd>
    </div>
  );
}

function Others({ view, source }: { view: View; source: Source }) {
  if (view.others.length === 0 || source.exported) return null;
  return (
    <Menu head={view.others.length === 1 ? "1 other search" : `${view.others.length} other searches`}>
      
      <ul>
        {view.others.map((task) => {
          const sign: Sign = task.verdict ?? (task.finished === null ? "running" : "pending");
          return (
            <li key={task.id}>
              <a href={viewHash(task.id)}><span class={`status is-${sign}`}><Icon sign={sign} /> {signWord(sign)}</span> run {task.run}, {moment(task.started)}, {duration(task.seconds)}</a>
              <a href={formatRoute({ page: "compare", a: view.id, b: task.id })} aria-label={`Compare with run ${task.run}`}>compare</a>
            </li>
          );
        })}
      </ul>
    </Menu>
  );
}
