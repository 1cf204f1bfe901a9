import type { Stats } from "../api/types";
import { count, duration } from "../app/format";
import { Menu } from "../app/menu";
import type { ProverCount } from "../model/search";

export interface ProverRow { name: string; asked: number | null; proposals: number; accepted: number; seconds: number }

/** One row per prover: the final statistics where the search has ended, what was counted on the way elsewhere; most accepted first. */
export function proverRows(stats: Stats["provers"], live: Record<string, ProverCount>): ProverRow[] {
  const names = new Set([...Object.keys(stats ?? {}), ...Object.keys(live)]);
  const rows = [...names].map((name): ProverRow => {
    const end = stats && Object.hasOwn(stats, name) ? stats[name] : undefined;
    const now = live[name];
    return {
      name, asked: now && now.asked > 0 ? now.asked : null,
      // A certificate's log has no questions: what was checked is the least that was proposed.
      proposals: end?.proposals ?? Math.max(now?.proposed ?? 0, now?.checked ?? 0),
      accepted: end?.accepted ?? now?.accepted ?? 0,
      seconds: end?.seconds ?? now?.seconds ?? 0,
    };
  });
  return rows.sort((a, b) => b.accepted - a.accepted || b.proposals - a.proposals || a.name.localeCompare(b.name));
}

const SHADES = 6;

/** Each prover's share of the accepted steps, and all numbers behind it. */
export function Provers({ stats, live }: { stats: Stats["provers"]; live: Record<string, ProverCount> }) {
  const rows = proverRows(stats, live);
  if (rows.length === 0) return null;
  const total = rows.reduce((sum, row) => sum + row.accepted, 0);
  return (
    <Menu class="provers" head={<>
        <span class="provers-name">Provers</span>
        <span class="bar" aria-hidden="true">
          {rows.map((row, index) => (row.accepted > 0 ? <span key={row.name} class={`bar-part shade-${index % SHADES}`} style={{ flexGrow: row.accepted }} /> : null))}
        </span>
        <span class="provers-legend">
          {rows.slice(0, 3).map((row, index) => (
            <span key={row.name}><span class={`swatch shade-${index % SHADES}`} aria-hidden="true" />{row.name} {count(row.accepted)}</span>
          ))}
          {rows.length > 3 && <span class="muted">+{rows.length - 3}</span>}
        </span>
      </>}>
      <table class="provers-table">
          <caption class="offscreen">What each prover did</caption>
          <thead>
            <tr><th scope="col">Prover</th><th scope="col" class="number">Asked</th><th scope="col" class="number">Proposed</th><th scope="col" class="number">Accepted</th><th scope="col" class="number">Share</th><th scope="col" class="number">Time</th></tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={row.name}>
                <th scope="row"><span class={`swatch shade-${index % SHADES}`} aria-hidden="true" />{row.name}</th>
                <td class="number">{row.asked === null ? "–" : count(row.asked)}</td>
                <td class="number">{count(row.proposals)}</td>
                <td class="number">{count(row.accepted)}</td>
                <td class="number">{total > 0 ? `${Math.round((100 * row.accepted) / total)} %` : "–"}</td>
                <td class="number">{row.seconds > 0 ? duration(row.seconds) : "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
    </Menu>
  );
}
