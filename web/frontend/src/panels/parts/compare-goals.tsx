import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Source } from "../../api/source";
import type { Node } from "../../api/types";
import { ErrorNote } from "../../app/error";
import { useLoad } from "../../app/load";
import { Icon, signWord } from "../../app/icon";
import type { Session } from "../../app/session";
import { words, type Piece } from "../../model/diff";
import type { StepInfo } from "../../model/search";
import { tried } from "./match";

export interface Chosen {
  session: Session;
  node: number | null;
}

const SHOWN = 20_000;

/** The texts of the nodes selected on both sides; where they differ, B's says what changed since A's. */
export function GoalPair({ source, a, b, together }: { source: Source; a: Chosen; b: Chosen; together: boolean }): JSX.Element {
  const load = (side: Chosen) => () => (side.node === null ? Promise.resolve(null) : source.node(side.session.id, side.node));
  const left = useLoad(`${a.session.id} ${a.node}`, load(a));
  const right = useLoad(`${b.session.id} ${b.node}`, load(b));
  if (a.node === null && b.node === null) return <p class="muted compare-hint">Select a goal in one of the trees to see how both searches went on from it.</p>;
  const old = text(left.value);
  const now = text(right.value);
  const pieces = old !== null && now !== null && old !== now && old.length + now.length < 2 * SHOWN ? words(old, now) : null;
  const nothing = (side: Chosen, name: string) => (side.node === null ? <p class="muted">{together ? `${name} has no such node.` : "Nothing is selected."}</p> : null);
  return (
    <div class="compare-pair">
      <section aria-label="Selected in A">
        <h3>{heading(a)}</h3>
        {nothing(a, "A")}
        {left.error !== null && <ErrorNote error={left.error} retry={left.reload} />}
        {old !== null && <Text pieces={pieces?.filter((piece) => piece.kind !== "added") ?? null} text={old} label="Text in A" />}
      </section>
      <section aria-label="Selected in B">
        <h3>{heading(b)}</h3>
        {nothing(b, "B")}
        {right.error !== null && <ErrorNote error={right.error} retry={right.reload} />}
        {now !== null && <Text pieces={pieces?.filter((piece) => piece.kind !== "removed") ?? null} text={now} label="Text in B" />}
      </section>
    </div>
  );
}

function heading({ session, node }: Chosen): string {
  const info = node === null ? undefined : session.model.info(node);
  return info ? `${info.kind === "goal" ? "Goal" : "Step"} ${info.node}, ${signWord(info.status)}` : "–";
}

function text(node: Node | null): string | null {
  if (!node) return null;
  if (node.kind === "step") return node.message === "" ? node.text : `${node.text}\n\n${node.message}`;
  return [...node.hypotheses.map(([name, hypothesis]) => `${name} : ${hypothesis}`), node.hypotheses.length > 0 ? "────────" : "", node.conclusion].filter((line) => line !== "").join("\n");
}

function Text({ pieces, text, label }: { pieces: readonly Piece[] | null; text: string; label: string }): JSX.Element {
  return (
    <pre class="compare-text" tabIndex={0} role="region" aria-label={label}>
      {pieces === null ? text.slice(0, SHOWN) + (text.length > SHOWN ? "…" : "") : pieces.map((piece, i) => {
        if (piece.kind === "added") return <ins key={i}>{piece.text}</ins>;
        return piece.kind === "removed" ? <del key={i}>{piece.text}</del> : piece.text;
      })}
    </pre>
  );
}

const ROWS = 100;

/** The steps that were tried on the two selected goals. */
export function StepPairs({ a, b, version, onPick }: { a: Chosen; b: Chosen; version: number; onPick: (a: number | null, b: number | null) => void }): JSX.Element | null {
  const [all, setAll] = useState(false);
  const rows = useMemo(() => tried(a.session.model, goalOf(a), b.session.model, goalOf(b)), [a.session, a.node, b.session, b.node, version]);
  if (rows.length === 0) return null;
  const shown = all ? rows : rows.slice(0, ROWS);
  const both = rows.filter((row) => row.a && row.b).length;
  const only = (side: "a" | "b") => rows.filter((row) => row[side] && !row[side === "a" ? "b" : "a"]).length;
  return (
    <section>
      <h3>Steps tried <span class="muted">{both} in both, {only("a")} in A only, {only("b")} in B only</span></h3>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Steps tried in both searches">
        <table class="compare-steps">
          <thead><tr><th scope="col">Step</th><th scope="col">A</th><th scope="col">B</th></tr></thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.label} class={row.a && row.b && row.a.status !== row.b.status ? "differs" : undefined}>
                <th scope="row"><button type="button" class="link mono" onClick={() => onPick(row.a?.node ?? null, row.b?.node ?? null)}>{row.label === "" ? "(no text)" : row.label}</button></th>
                <td><Fate step={row.a} /></td>
                <td><Fate step={row.b} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < rows.length && <button type="button" class="small" onClick={() => setAll(true)}>Show all {rows.length}</button>}
    </section>
  );
}

function goalOf({ session, node }: Chosen): number | null {
  const info = node === null ? undefined : session.model.info(node);
  return info ? (info.kind === "goal" ? info.node : info.goal) : null;
}

function Fate({ step }: { step: StepInfo | null }): JSX.Element {
  if (!step) return <span class="muted">not tried</span>;
  return <span class={`status is-${step.status}`}><Icon sign={step.status} /> {signWord(step.status)} <span class="muted">{step.prover}</span></span>;
}
