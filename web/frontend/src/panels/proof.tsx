import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Source } from "../api/source";
import type { ProofText, View } from "../api/types";
import { CopyButton } from "../app/copy";
import { ErrorNote } from "../app/error";
import { useLoad } from "../app/load";
import { viewHash } from "../app/routes";
import type { TreeHandle } from "../tree/TreeView";
import { CodeView, type LineLink, type Mark } from "./parts/code-view";
import { Downloads } from "./parts/saved";

interface Props {
  view: View;
  source: Source;
  selected: number | null;
  onSelect: (n: number) => void;
  tree: () => TreeHandle | null;
}

/** The finished proof; lines that come from steps lead to their nodes. */
export function ProofPanel(p: Props): JSX.Element {
  const { view, source } = p;
  const { value, error, loading, reload } = useLoad(`${view.id} ${view.certificate?.digest ?? ""}`, () => source.proof(view.id));
  const text = useMemo(() => value?.lines.map((line) => line.text).join("\n") ?? "", [value]);
  const proof = value ? { file: value.file, text } : null;
  return (
    <section class="proof-panel">
      <header class="panel-head">
        <h2>Proof</h2>
        {value && <span class="muted mono clip">{value.file}</span>}
        <span class="push" />
        {value && <CopyButton text={text} what="the proof" />}
      </header>
      <Downloads view={view} source={source} proof={proof} tree={p.tree} />
      {error !== null && <ErrorNote error={error} retry={reload} />}
      {value && <ProofLines {...p} proof={value} />}
      {!value && error === null && <p class="muted" role="status">{loading ? "Reading the proof…" : "There is no finished proof."}</p>}
    </section>
  );
}

function ProofLines({ proof, view, selected, onSelect }: Props & { proof: ProofText }): JSX.Element {
  const lines = useMemo(() => proof.lines.map((line) => line.text), [proof]);
  const first = useMemo(() => proof.lines.findIndex((line) => line.nodes.length > 0) + 1, [proof]);
  const own = useMemo(() => {
    const found: number[] = [];
    if (selected !== null) proof.lines.forEach((line, i) => { if (line.nodes.includes(selected)) found.push(i + 1); });
    return found;
  }, [proof, selected]);
  const marks = useMemo(() => new Map<number, Mark[]>(own.map((line) => [line, [{ kind: "selected", text: `step ${selected}` }]])), [own]);
  const link = (number: number): LineLink | null => {
    const nodes = proof.lines[number - 1]?.nodes ?? [];
    // A line may come from several steps: following it again goes on to the next of them.
    const place = selected === null ? -1 : nodes.indexOf(selected);
    const node = nodes[(place + 1) % nodes.length];
    if (node === undefined) return null;
    return { href: viewHash(view.id, node), label: `Step ${node}`, follow: () => onSelect(node) };
  };
  return (
    <>
      {first > 0 && <p class="muted hint">Lines with a bar come from steps of the search: choose one to see its step.</p>}
      <CodeView
        lines={lines} language={proof.language} label={`Proof of ${view.name}`} marks={marks} link={link}
        focus={own[0] ?? (first > 0 ? first : null)} turn={selected}
      />
    </>
  );
}
