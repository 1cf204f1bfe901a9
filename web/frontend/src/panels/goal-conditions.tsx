import { useState } from "preact/hooks";
import type { Source } from "../api/source";
import type { Conditions } from "../api/types";
import { CopyButton } from "../app/copy";
import { ErrorNote } from "../app/error";
import { LongText } from "./goal-text";

type State = { kind: "closed" } | { kind: "asked" } | { kind: "failed"; error: unknown } | { kind: "there"; conditions: Conditions | null };

/** What the solvers are asked about a step; worked out on demand. */
export function ConditionsPart({ view, source, step }: { view: string; source: Source; step: number }) {
  const [state, setState] = useState<State>({ kind: "closed" });
  const ask = async (): Promise<void> => {
    setState({ kind: "asked" });
    try {
      setState({ kind: "there", conditions: await source.conditions(view, step) });
    } catch (error) {
      setState({ kind: "failed", error });
    }
  };
  if (state.kind === "failed") return <ErrorNote error={state.error} retry={() => void ask()} />;
  if (state.kind !== "there") {
    return (
      <p>
        <button type="button" disabled={state.kind === "asked"} aria-busy={state.kind === "asked"} onClick={() => void ask()}>
          {state.kind === "asked" ? "Working out the conditions…" : "Show conditions"}
        </button>{" "}
        <span class="muted">what the solvers are asked, in SMT-LIB</span>
      </p>
    );
  }
  const queries = state.conditions?.queries ?? [];
  return (
    <section>
      <h3>Conditions <span class="muted">{queries.length}</span></h3>
      {state.conditions?.note && <p>{state.conditions.note}</p>}
      {queries.length === 0 && <p class="muted">{source.exported ? "This exported page does not hold the conditions of this step." : "There are none for this step."}</p>}
      {queries.map((query, index) => (
        <details key={index} class="query">
          <summary><span>{query.title}</span> {query.line > 0 && <span class="muted">{query.line}:{query.column}</span>}</summary>
          <div class="query-body">
            <CopyButton text={query.smtlib} what={`condition ${index + 1}`} />
            <LongText text={query.smtlib} />
          </div>
        </details>
      ))}
    </section>
  );
}
