import type { JSX } from "preact";
import { show } from "../../model/trace";

const LONG = 160;
const MOST = 200;

/** A value; a long one begins folded. */
export function Value({ value }: { value: unknown }): JSX.Element {
  const text = show(value);
  if (text.length <= LONG) return <span class="mono value">{text === "" ? "(empty)" : text}</span>;
  return (
    <details class="long-value">
      <summary><span class="mono">{text.slice(0, 80)}…</span> <span class="muted">{text.length.toLocaleString("en-US")} characters</span></summary>
      <pre tabIndex={0} aria-label="Whole value">{text.slice(0, 200_000)}</pre>
    </details>
  );
}

/** "n = 9, x = 3" as a row of chips. */
export function Values({ model, label }: { model: Record<string, unknown>; label: string }): JSX.Element | null {
  const names = Object.keys(model);
  if (names.length === 0) return null;
  return (
    <ul class="chips" aria-label={label}>
      {names.slice(0, MOST).map((name) => (
        <li key={name}><span class="mono">{name}</span> = <Value value={model[name]} /></li>
      ))}
      {names.length > MOST && <li class="muted">and {names.length - MOST} more</li>}
    </ul>
  );
}
