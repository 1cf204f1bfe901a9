import { useState } from "preact/hooks";
import { count, duration } from "../app/format";
import type { Remark } from "../app/remarks";
import { NodeLink } from "./goal-text";

const ROWS = 200;

/** What provers and the search itself had to say, newest last. */
export function LogPanel({ view, remarks, timed, onSelect }: { view: string; remarks: readonly Remark[]; timed: boolean; onSelect: (node: number) => void }) {
  const [wanted, setWanted] = useState("");
  const [all, setAll] = useState(false);
  const text = wanted.toLowerCase();
  const found = text === "" ? remarks : remarks.filter((item) => `${item.level} ${item.who ?? ""} ${item.text}`.toLowerCase().includes(text));
  const shown = all ? found : found.slice(-ROWS);
  return (
    <section class="log">
      <header class="panel-head">
        <h2>Log</h2>
        <span class="muted">{count(remarks.length)}</span>
        <span class="push" />
        <input type="search" aria-label="Filter the log" placeholder="Filter" value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />
      </header>
      {shown.length < found.length && <button type="button" class="small" onClick={() => setAll(true)}>Show {count(found.length - shown.length)} earlier</button>}
      {found.length === 0 && <p class="empty">Nothing matches “{wanted}”.</p>}
      <ol class="remarks">
        {shown.map((item, index) => (
          <li key={index} class={`remark level-${item.level.toLowerCase()}`}>
            <p class="remark-head">
              <strong>{item.who ?? item.level}</strong>
              {item.node !== null && <> on <NodeLink view={view} node={item.node} onSelect={onSelect}>goal {item.node}</NodeLink></>}
              {timed && <span class="muted"> after {duration(item.at)}</span>}
              {item.times > 1 && <span class="tag">×{count(item.times)}</span>}
            </p>
            <pre tabIndex={0} aria-label="Message">{item.text.slice(0, 20_000)}</pre>
          </li>
        ))}
      </ol>
    </section>
  );
}
