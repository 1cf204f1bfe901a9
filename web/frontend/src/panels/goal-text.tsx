import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { viewHash } from "../app/routes";
import { count, valueText } from "../app/format";
import { words } from "../model/diff";

/** Longer texts are cut until one asks for the whole: laying out a megabyte of text takes a browser seconds. */
const SHOWN = 12_000;

/** A text in the type of code, cut where it is very long. */
export function LongText({ text, empty = "(no text)" }: { text: string; empty?: string }) {
  const [whole, setWhole] = useState(false);
  if (text === "") return <p class="muted">{empty}</p>;
  const cut = !whole && text.length > SHOWN * 1.2;
  return (
    <div class="code-block">
      <pre tabIndex={0} aria-label="Text">{cut ? `${text.slice(0, SHOWN)}…` : text}</pre>
      {cut && <button type="button" class="small" onClick={() => setWhole(true)}>Show all {count(text.length)} characters</button>}
    </div>
  );
}

/** A text with what was added and removed since an older one; screen readers hear it by ins and del. */
export function DiffText({ old, text }: { old: string; text: string }) {
  const long = old.length + text.length > 2 * SHOWN;
  const pieces = useMemo(() => (long ? null : words(old, text)), [old, text, long]);
  if (!pieces) return <LongText text={text} />;
  return (
    <div class="code-block">
      <pre tabIndex={0} aria-label="Text with changes">
        {pieces.map((piece, index) => {
          if (piece.kind === "added") return <ins key={index}>{piece.text}</ins>;
          if (piece.kind === "removed") return <del key={index}>{piece.text}</del>;
          return <span key={index}>{piece.text}</span>;
        })}
      </pre>
    </div>
  );
}

export function tooLongForDiff(old: string, text: string): boolean {
  return old.length + text.length > 2 * SHOWN;
}

interface LinkProps { view: string; node: number; tab?: string | null; onSelect: (node: number) => void; class?: string; children: ComponentChildren }

/** Goes to a node of this view; opened in another window it is the deep link. */
export function NodeLink(p: LinkProps) {
  return (
    <a
      href={viewHash(p.view, p.node, p.tab ?? null)} class={p.class}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        event.stopPropagation();
        p.onSelect(p.node);
      }}
    >
      {p.children}
    </a>
  );
}

/** Values of variables that break a step. */
export function Values({ model, caption }: { model: Record<string, unknown>; caption: string }) {
  const entries = Object.entries(model);
  if (entries.length === 0) return null;
  return (
    <table class="values">
      <caption>{caption}</caption>
      <thead><tr><th scope="col">Variable</th><th scope="col">Value</th></tr></thead>
      <tbody>
        {entries.slice(0, 200).map(([name, value]) => (
          <tr key={name}><th scope="row">{name}</th><td>{valueText(value).slice(0, 2000)}</td></tr>
        ))}
      </tbody>
    </table>
  );
}

/** Values on one line, for a cell of a table. */
export function inline(model: Record<string, unknown>): string {
  return Object.entries(model).map(([name, value]) => `${name} = ${valueText(value)}`).join(", ");
}
