import type { Source } from "../api/source";
import type { Run } from "../api/types";
import { useEffect, useState } from "preact/hooks";
import { ErrorNote } from "../app/error";
import { baseName, counted, duration, moment, stamp } from "../app/format";
import { Badge } from "../app/icon";
import { useInterval, useLoad } from "../app/load";
import { formatRoute } from "../app/routes";
import { VerdictBar } from "./verdict-bar";

const REFRESH_MS = 2500;

/** All runs of the store, newest first. */
export function RunsPage({ source }: { source: Source }) {
  const newest = useLoad("runs", () => source.runs());
  const [older, setOlder] = useState<{ runs: Run[]; next: number | null } | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const first = newest.value?.runs ?? [];
  // The newest page is read again: an older page may then overlap it.
  const known = new Set(first.map((run) => run.id));
  const runs = [...first, ...(older?.runs ?? []).filter((run) => !known.has(run.id))];
  const next = older ? older.next : newest.value?.next ?? null;
  useInterval(newest.error === null, runs.some((run) => run.status === "running") ? REFRESH_MS : 4 * REFRESH_MS, newest.reload);
  useEffect(() => { document.title = "Runs – Lemmata"; }, []);

  const more = async (): Promise<void> => {
    if (next === null) return;
    try {
      const page = await source.runs(next);
      setFailed(null);
      setOlder((old) => ({ runs: [...(old?.runs ?? []), ...page.runs], next: page.next }));
    } catch (error) {
      setFailed(error);
    }
  };

  return (
    <div class="page">
      <header class="page-head">
        <h1 tabIndex={-1}>Runs</h1>
        {runs.length > 0 && <span class="muted">newest first</span>}
      </header>
      {newest.error !== null && <ErrorNote error={newest.error} retry={newest.reload} />}
      {newest.value === null && newest.error === null && <p class="empty" aria-busy="true">Reading the store…</p>}
      {newest.value !== null && runs.length === 0 && <NoRuns />}
      {runs.length > 0 && (
        <ul class="runs">
          {runs.map((run) => <RunRow key={run.id} run={run} />)}
        </ul>
      )}
      {failed !== null && <ErrorNote error={failed} />}
      {next !== null && runs.length > 0 && <button type="button" onClick={() => void more()}>Show older runs</button>}
    </div>
  );
}

function RunRow({ run }: { run: Run }) {
  const names = run.targets.map(baseName);
  const shown = names.slice(0, 4).join(", ");
  const total = Object.values(run.counts).reduce((sum, value) => sum + (value ?? 0), 0);
  return (
    <li class="run">
      <a href={formatRoute({ page: "run", id: run.id })}>
        <span class="run-id"><span class="offscreen">Run </span>{run.id}</span>
        <span class="run-what">
          <span class="run-names" title={run.targets.slice(0, 40).join("\n")}>{shown}{names.length > 4 && <span class="muted"> and {names.length - 4} more</span>}</span>
          <span class="run-when muted">
            <time dateTime={new Date(run.started * 1000).toISOString()} title={stamp(run.started)}>{moment(run.started)}</time>
            {run.finished !== null && <> · {duration(run.finished - run.started)}</>}
            {" · "}{counted(total, "obligation")}
          </span>
        </span>
        <VerdictBar counts={run.counts} />
        <span class="run-status">{run.status === "running" ? <Live /> : run.status === "finished" ? <span class="muted">finished</span> : <Badge sign={run.status === "interrupted" ? "unknown" : "error"} />}
          {run.status !== "running" && run.status !== "finished" && <span class="muted">{run.status}</span>}
        </span>
      </a>
    </li>
  );
}

/** Says that a process is at work; the dot beats unless the reader asked for less motion. */
export function Live({ text = "live" }: { text?: string }) {
  return <span class="live"><span class="live-dot" aria-hidden="true" />{text}</span>;
}

function NoRuns() {
  return (
    <div class="empty large">
      <p>There are no runs in this store yet.</p>
      <p>Start one with <code>lemmata prove FILE</code> and it will appear here while it works, or open a certificate: drop its file anywhere on this page.</p>
    </div>
  );
}
