import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Source } from "../../api/source";
import type { Replay } from "../../api/types";
import { ErrorNote } from "../../app/error";
import { duration } from "../../app/format";
import { Icon } from "../../app/icon";
import { useAttempt } from "./saved";

/** Checks a certificate again from scratch and lists what was checked. */
export function ReplayBox({ id, file, source, said, onSaid }: {
  id: string; file: string; source: Source; said: Replay | null; onSaid: (said: Replay | null) => void;
}): JSX.Element {
  const { busy, error, attempt } = useAttempt();
  const shown = useRef(id);
  useEffect(() => { shown.current = id; }, [id]);
  if (source.exported) {
    return <p class="muted">To check it again: save the certificate and run <code>lemmata replay {file}</code>.</p>;
  }
  const start = async (): Promise<void> => {
    onSaid(null);
    const found = await source.replay(id);
    if (shown.current === id) onSaid(found);
  };
  return (
    <div class="replay" aria-busy={busy}>
      <div class="replay-head">
        <button type="button" class="primary" disabled={busy} onClick={() => attempt(start)}>{busy ? "Checking…" : said ? "Replay again" : "Replay"}</button>
        {busy ? <Clock /> : !said && error === null && <span class="muted">Checks everything again from scratch; takes some seconds.</span>}
        <span role="status">{said && !busy && <Outcome said={said} />}</span>
      </div>
      {busy && <progress aria-label="Replay" />}
      {error !== null && !busy && <ErrorNote error={error} retry={() => attempt(start)} />}
      {said && !busy && <Checks said={said} />}
    </div>
  );
}

function Clock(): JSX.Element {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((old) => old + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return <span class="muted">{seconds} s</span>;
}

function Outcome({ said }: { said: Replay }): JSX.Element {
  return (
    <span class={`badge is-${said.valid ? "proved" : "failed"}`}>
      <Icon sign={said.valid ? "proved" : "failed"} /> {said.valid ? "valid" : "not valid"} <span class="muted">in {duration(said.seconds)}</span>
    </span>
  );
}

function Checks({ said }: { said: Replay }): JSX.Element {
  return (
    <>
      {said.reason !== null && said.reason !== "" && said.checks.every((check) => check.detail !== said.reason) && <p class="failure-banner"><Icon sign="failed" /> <span>{said.reason}</span></p>}
      <ul class="check-list">
        {said.checks.map((check, i) => (
          <li key={i}>
            <span class={`status is-${check.ok ? "proved" : "failed"}`}><Icon sign={check.ok ? "proved" : "failed"} /> {check.ok ? "ok" : "not ok"}</span>
            <span>{check.name}{check.detail !== "" && <span class="muted break"> {check.detail}</span>}</span>
          </li>
        ))}
      </ul>
      {said.notes.length > 0 && <><h4>Notes</h4><ul class="plain-list">{said.notes.map((note, i) => <li key={i}>{note}</li>)}</ul></>}
    </>
  );
}
