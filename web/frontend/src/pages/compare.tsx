import "../style/compare.css";
import type { JSX } from "preact";
import { useCallback, useMemo, useState } from "preact/hooks";
import type { Source } from "../api/source";
import type { View } from "../api/types";
import { ErrorNote } from "../app/error";
import { baseName } from "../app/format";
import { viewHash } from "../app/routes";
import type { Session } from "../app/session";
import { useModel, useSession } from "../app/use-session";
import { winning } from "../model/proof";
import { FactTable } from "../panels/parts/compare-facts";
import { GoalPair, StepPairs } from "../panels/parts/compare-goals";
import { counterpart } from "../panels/parts/match";
import { TreeView } from "../tree/TreeView";

interface Props {
  source: Source;
  a: string;
  b: string;
  navigate: (hash: string) => void;
}

/** Two searches for the same obligation, side by side. */
export function ComparePage(p: Props): JSX.Element {
  const { source, navigate } = p;
  const a = useSession(source, p.a);
  const b = useSession(source, p.b);
  const versionA = useModel(a.model);
  const versionB = useModel(b.model);
  const [together, setTogether] = useState(true);
  const [chosen, setChosen] = useState<{ pair: string; a: number | null; b: number | null }>({ pair: "", a: null, b: null });
  const pair = `${p.a} ${p.b}`;
  const selected = chosen.pair === pair ? chosen : { pair, a: null, b: null };
  const pick = (side: "a" | "b") => (node: number | null): void => {
    const [from, to] = side === "a" ? [a.model, b.model] : [b.model, a.model];
    const rest = side === "a" ? "b" : "a";
    const match = together ? (node === null ? null : counterpart(from, node, to)) : selected[rest];
    setChosen({ pair, a: null, b: null, [side]: node, [rest]: match } as typeof chosen);
  };
  const viewA = a.state.view;
  const viewB = b.state.view;
  const name = viewA?.name ?? viewB?.name ?? "";
  const unlike = viewA && viewB && viewA.key !== viewB.key;
  return (
    <div class="compare">
      <header class="compare-head">
        <h1>Compare {name !== "" && <span class="mono">{name}</span>}</h1>
        {viewA && <span class="muted" title={viewA.target}>{baseName(viewA.target)}</span>}
        <span class="push" />
        <label class="check"><input type="checkbox" checked={together} onChange={() => setTogether(!together)} /> Select in both</label>
        <button type="button" class="small" onClick={() => navigate(`#/compare/${p.b}/${p.a}`)}>Swap</button>
      </header>
      {unlike && <p class="note">These are two different obligations.</p>}
      {viewA && viewB && <FactTable a={viewA} b={viewB} models={[a.model, b.model]} version={versionA + versionB} />}
      <div class="compare-trees">
        <Side session={a} version={versionA} source={source} name="A" selected={selected.a} onSelect={pick("a")} />
        <Side session={b} version={versionB} source={source} name="B" selected={selected.b} onSelect={pick("b")} />
      </div>
      {viewA && viewB && (
        <>
          <GoalPair source={source} a={{ session: a, node: selected.a }} b={{ session: b, node: selected.b }} together={together} />
          <StepPairs a={{ session: a, node: selected.a }} b={{ session: b, node: selected.b }} version={versionA + versionB} onPick={(x, y) => setChosen({ pair, a: x, b: y })} />
        </>
      )}
    </div>
  );
}

interface SideProps {
  session: Session;
  version: number;
  source: Source;
  name: string;
  selected: number | null;
  onSelect: (node: number | null) => void;
}

function Side({ session, version, source, name, selected, onSelect }: SideProps): JSX.Element {
  const { view, error, lost, complete } = session.state;
  const search = useCallback((text: string) => source.search(session.id, text), [source, session.id]);
  const won = useMemo(() => view?.winning ?? winning(session.model), [view?.winning, version, session.model]);
  return (
    <section class="compare-side" aria-label={`Search ${name}`}>
      <h2><span class="side-name">{name}</span> <a href={viewHash(session.id)}>{title(session.id, view)}</a></h2>
      {error !== null && <ErrorNote error={error} retry={() => void session.start()} />}
      {lost !== null && <ErrorNote error={lost} retry={() => void session.start()} />}
      {error === null && !complete && session.model.size === 0 && <p class="muted" role="status">Reading the search…</p>}
      {error === null && complete && session.model.size === 0 && <p class="muted">No goal is recorded.</p>}
      {session.model.size > 0 && (
        <div class="compare-tree">
          <TreeView model={session.model} selected={selected} onSelect={onSelect} winning={won} label={`Search ${name}: ${view?.name ?? session.id}`} search={search} live={session.state.following} />
        </div>
      )}
    </section>
  );
}

function title(id: string, view: View | null): string {
  if (view?.run !== null && view?.run !== undefined) return `run ${view.run}, task ${id.slice(1)}`;
  return view ? `certificate ${id}` : id;
}
