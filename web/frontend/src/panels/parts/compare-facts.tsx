import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { View } from "../../api/types";
import { baseName, count, counted, duration, moment } from "../../app/format";
import { Badge } from "../../app/icon";
import type { SearchModel } from "../../model/search";

interface Fact {
  name: string;
  /** What is compared. */
  values: readonly [string, string];
  shown?: readonly [ComponentChildren, ComponentChildren];
  /** Differs from run to run whatever one does: not worth a mark. */
  fleeting?: boolean;
  /** Shown even where both have the same. */
  always?: boolean;
}

/** The facts about two searches in two columns: those that differ, and the others when asked for. */
export function FactTable({ a, b, models }: { a: View; b: View; models: readonly [SearchModel, SearchModel]; version: number }): JSX.Element {
  const [all, setAll] = useState(false);
  const facts = compare(a, b, models).filter((fact) => fact.values.some((value) => value !== "" && value !== "–"));
  const differs = (fact: Fact): boolean => fact.values[0] !== fact.values[1] && !fact.fleeting;
  const alike = facts.filter((fact) => !differs(fact) && !fact.always);
  const shown = all ? facts : facts.filter((fact) => !alike.includes(fact));
  return (
    <div class="compare-facts-box">
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Facts about both searches">
        <table class="compare-facts">
          <thead><tr><td /><th scope="col"><span class="side-name">A</span></th><th scope="col"><span class="side-name">B</span></th></tr></thead>
          <tbody>
            {shown.map((fact) => (
              <tr key={fact.name} class={differs(fact) ? "differs" : undefined}>
                <th scope="row">{fact.name}{differs(fact) && <><span class="differs-sign" aria-hidden="true"> ≠</span><span class="offscreen"> (differs)</span></>}</th>
                <td>{fact.shown?.[0] ?? (fact.values[0] || "–")}</td>
                <td>{fact.shown?.[1] ?? (fact.values[1] || "–")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {alike.length > 0 && <button type="button" class="small" aria-expanded={all} onClick={() => setAll(!all)}>{all ? "Only what differs" : `${counted(alike.length, "more fact")}`}</button>}
    </div>
  );
}

function compare(a: View, b: View, [modelA, modelB]: readonly [SearchModel, SearchModel]): Fact[] {
  const both = (name: string, of: (view: View, model: SearchModel) => string, fleeting = false): Fact => ({ name, values: [of(a, modelA), of(b, modelB)], fleeting });
  const sign = (view: View) => view.verdict ?? (view.live ? "running" : "pending");
  const budget = (name: string) => (_view: View, model: SearchModel): string => {
    const most = model.meta.budget[name];
    return most === null || most === undefined ? "" : name === "seconds" ? duration(most) : count(most);
  };
  return [
    { name: "Verdict", values: [sign(a), sign(b)], shown: [<Badge sign={sign(a)} />, <Badge sign={sign(b)} />], always: true },
    both("Reason", (view) => view.reason ?? ""),
    both("Began", (view) => (view.started === null ? "" : moment(view.started)), true),
    { ...both("Time", (view) => duration(view.seconds), true), always: true },
    both("Time allowed", budget("seconds")),
    both("Policy", (_view, model) => model.meta.policy),
    both("Provers", (_view, model) => [...model.meta.provers].sort().join(", ")),
    both("Checker calls", (view) => (view.stats?.checker_calls === undefined ? "" : count(view.stats.checker_calls))),
    both("Expansions", (view) => (view.stats?.expansions === undefined ? "" : count(view.stats.expansions))),
    both("Nodes", (_view, model) => count(model.size)),
    both("Source", (view) => (view.obligation ? `${baseName(view.obligation.file)}:${view.obligation.line}` : "")),
    // Without a certificate nothing is known of these: that is no difference.
    ...(a.certificate && b.certificate ? [
      both("Version", (view) => view.certificate?.version ?? ""),
      both("Environment", (view) => Object.entries(view.certificate?.environment ?? {}).map(([name, value]) => `${name} ${value}`).join(", ")),
    ] : []),
  ];
}
