import type { Run } from "../api/types";
import { Icon, type Sign, signWord } from "../app/icon";

const ORDER: readonly (keyof Run["counts"])[] = ["proved", "disproved", "unknown", "error", "pending"];

/** How many obligations came to which verdict: a bar, and the numbers beside it. */
export function VerdictBar({ counts }: { counts: Run["counts"] }) {
  const parts = ORDER.map((name) => ({ name: name as Sign, value: counts[name as keyof Run["counts"]] ?? 0 })).filter((part) => part.value > 0);
  const total = parts.reduce((sum, part) => sum + part.value, 0);
  if (total === 0) return <span class="verdict-bar muted">no obligations</span>;
  return (
    <span class="verdict-bar">
      <span class="bar" aria-hidden="true">
        {parts.map((part) => <span key={part.name} class={`bar-part fill-${part.name}`} style={{ flexGrow: part.value }} />)}
      </span>
      <span class="bar-numbers">
        {parts.map((part) => (
          <span key={part.name} class={`status is-${part.name}`}><Icon sign={part.name} /> {part.value} {signWord(part.name)}</span>
        ))}
      </span>
    </span>
  );
}
