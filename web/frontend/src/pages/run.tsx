import { useEffect, useMemo, useState } from "preact/hooks";
import type { Source } from "../api/source";
import type { RunDetail, Task, Verdict } from "../api/types";
import { ErrorNote } from "../app/error";
import { baseName, count, counted, duration, moment, stamp, valueText } from "../app/format";
import { Icon, signWord } from "../app/icon";
import { useInterval, useLoad } from "../app/load";
import { navigate } from "../app/location";
import { viewHash } from "../app/routes";
import { Live } from "./runs";
import { VerdictBar } from "./verdict-bar";

const ROWS = 100;
const MOST_TASKS = 50_000;
const VERDICTS: readonly (Verdict | "pending")[] = ["proved", "disproved", "unknown", "error", "pending"];

/** Read a run with all of its tasks: the filter is of use only where they are all there. */
export async function wholeRun(source: Pick<Source, "run">, id: number): Promise<RunDetail> {
  const first = await source.run(id);
  const tasks = [...first.tasks];
  for (let next = first.next; next !== null && tasks.length < MOST_TASKS;) {
    const page = await source.run(id, next);
    tasks.push(...page.tasks);
    if (page.next === next) break;
    next = page.next;
  }
  return { ...first, tasks, next: null };
}

export function matches(task: Task, text: string, verdict: string): boolean {
  if (verdict !== "" && (task.verdict ?? "pending") !== verdict) return false;
  const wanted = text.trim().toLowerCase();
  return wanted === "" || `${task.name} ${task.target} ${task.system} ${task.reason ?? ""} ${task.id}`.toLowerCase().includes(wanted);
}

export function RunPage({ source, id }: { source: Source; id: number }) {
  const loaded = useLoad(`run ${id}`, () => wholeRun(source, id));
  const run = loaded.value;
  const [text, setText] = useState("");
  const [verdict, setVerdict] = useState("");
  const [page, setPage] = useState(0);
  useInterval(run?.status === "running" && loaded.error === null, (run?.tasks.length ?? 0) > 1000 ? 10_000 : 2000, loaded.reload);
  useEffect(() => { document.title = `Run ${id} – Lemmata`; }, [id]);
  useEffect(() => setPage(0), [text, verdict]);
  const found = useMemo(() => (run?.tasks ?? []).filter((task) => matches(task, text, verdict)), [run, text, verdict]);
  const pages = Math.max(1, Math.ceil(found.length / ROWS));
  const at = Math.min(page, pages - 1);

  return (
    <div class="page">
      <header class="page-head">
        <h1 tabIndex={-1}>Run {id}</h1>
        {run && (run.status === "running" ? <Live /> : <span class="muted">{run.status}</span>)}
        {run && (
          <span class="muted">
            <time dateTime={new Date(run.started * 1000).toISOString()} title={stamp(run.started)}>{moment(run.started)}</time>
            {run.finished !== null && <> · {duration(run.finished - run.started)}</>}
          </span>
        )}
      </header>
      {loaded.error !== null && <ErrorNote error={loaded.error} retry={loaded.reload} />}
      {!run && loaded.error !== null && <p><a href="#/">See all runs</a></p>}
      {!run && loaded.error === null && <p class="empty" aria-busy="true">Reading run {id}…</p>}
      {run && (
        <>
          <VerdictBar counts={run.counts} />
          <Settings run={run} />
          {run.tasks.length === 0 ? (
            <p class="empty">{run.status === "running" ? "The run is reading its targets; obligations appear here as it finds them." : "No obligations were found in the targets."}</p>
          ) : (
            <>
              <div class="filters" role="search">
                <input type="search" aria-label="Filter obligations by text" placeholder="Filter by name, file, reason" value={text} onInput={(event) => setText(event.currentTarget.value)} />
                <select aria-label="Filter obligations by verdict" value={verdict} onChange={(event) => setVerdict(event.currentTarget.value)}>
                  <option value="">all verdicts</option>
                  {VERDICTS.map((name) => <option key={name} value={name}>{signWord(name)}</option>)}
                </select>
                <span class="muted" role="status">{found.length === run.tasks.length ? counted(found.length, "obligation") : `${count(found.length)} of ${counted(run.tasks.length, "obligation")}`}</span>
              </div>
              {found.length === 0 ? <p class="empty">No obligation matches. <button type="button" class="small" onClick={() => { setText(""); setVerdict(""); }}>Clear the filter</button></p> : <TaskTable tasks={found.slice(at * ROWS, (at + 1) * ROWS)} running={run.status === "running"} />}
              {pages > 1 && (
                <nav class="pager" aria-label="Pages">
                  <button type="button" disabled={at === 0} onClick={() => setPage(at - 1)}>Previous</button>
                  <span>{at + 1} of {pages}</span>
                  <button type="button" disabled={at + 1 >= pages} onClick={() => setPage(at + 1)}>Next</button>
                </nav>
              )}
            </>
          )}
        </>
      )}
    </div>
  );
}

function TaskTable({ tasks, running }: { tasks: readonly Task[]; running: boolean }) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Obligations">
      <table class="tasks">
        <thead>
          <tr><th scope="col">Verdict</th><th scope="col">Name</th><th scope="col">File</th><th scope="col">System</th><th scope="col" class="number">Time</th></tr>
        </thead>
        <tbody>
          {tasks.map((task) => {
            const sign = task.verdict ?? (running ? "running" : "pending");
            return (
              <tr key={task.id} onClick={(event) => { if (!(event.target as Element).closest("a")) navigate(viewHash(task.id)); }}>
                <td><span class={`status is-${sign}`}><Icon sign={sign} /> {signWord(sign)}</span></td>
                <td class="what">
                  <a href={viewHash(task.id)} class="mono">{task.name}</a>
                  {task.reason !== null && <p class="message">{task.reason}</p>}
                </td>
                <td title={task.target}>{baseName(task.target)}</td>
                <td>{task.system}</td>
                <td class="number">{duration(task.seconds)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Settings({ run }: { run: RunDetail }) {
  const entries = Object.entries(run.settings);
  return (
    <details class="settings">
      <summary>{counted(run.targets.length, "target")}{entries.length > 0 && `, ${counted(entries.length, "setting")}`}</summary>
      <ul class="targets">{run.targets.slice(0, 500).map((target) => <li key={target} class="mono">{target}</li>)}</ul>
      {entries.length > 0 && (
        <table class="values">
          <caption class="offscreen">Settings</caption>
          <thead><tr><th scope="col">Setting</th><th scope="col">Value</th></tr></thead>
          <tbody>{entries.map(([name, value]) => <tr key={name}><th scope="row">{name}</th><td class="mono">{valueText(value)}</td></tr>)}</tbody>
        </table>
      )}
    </details>
  );
}
