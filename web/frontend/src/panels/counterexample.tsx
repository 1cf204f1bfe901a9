import type { JSX } from "preact";
import type { View } from "../api/types";
import { isRun } from "../model/trace";
import { Facts } from "./parts/facts";
import { Stepper } from "./parts/stepper";

/** Why the obligation does not hold: a run of a program, or what another system found. */
export function CounterexamplePanel({ view }: { view: View }): JSX.Element {
  const found = view.counterexample;
  if (!found) return <p class="muted">There is no counterexample.</p>;
  if (isRun(found)) return <Stepper key={view.id} view={view} run={found} />;
  return (
    <section class="counterexample">
      <header class="panel-head"><h2>Counterexample</h2></header>
      <Facts value={found} language={view.obligation?.language ?? "text"} />
    </section>
  );
}
