/** What changed between two texts, word by word, and between two lists of hypotheses. */

import { compare, type Kind } from "./myers";

export interface Piece {
  text: string;
  kind: Kind;
}

export type Hypothesis = readonly [name: string, text: string];

export interface HypothesisChange {
  name: string;
  kind: "same" | "added" | "changed" | "removed";
  /** Text before; null where the hypothesis is new. */
  old: string | null;
  /** Text now; null where the hypothesis is gone. */
  text: string | null;
}

/** Names, numbers, spaces; every other character is a word of its own. */
const WORD = /[\p{L}\p{N}_'!#@]+|\s+|[^]/gu;

/** Compares word by word: `same` and `removed` pieces make the old text, `same` and `added` ones the new text. */
export function words(old: string, now: string): Piece[] {
  if (old === now) return old === "" ? [] : [{ text: old, kind: "same" }];
  const numbers = new Map<string, number>();
  const a = split(old);
  const b = split(now);
  const pieces: Piece[] = [];
  compare(numbered(a, numbers), numbered(b, numbers), (kind, from, to) => {
    pieces.push({ kind, text: (kind === "added" ? b : a).slice(from, to).join("") });
  });
  return tidy(pieces);
}

function split(text: string): string[] {
  return text.match(WORD) ?? [];
}

function numbered(texts: readonly string[], numbers: Map<string, number>): Int32Array {
  return Int32Array.from(texts, (text) => {
    let number = numbers.get(text);
    if (number === undefined) numbers.set(text, (number = numbers.size));
    return number;
  });
}

/** Joins neighbours; a lone space between two changes reads better as part of one change. */
function tidy(pieces: readonly Piece[]): Piece[] {
  const tidied: Piece[] = [];
  let removed = "";
  let added = "";
  const flush = () => {
    if (removed !== "") tidied.push({ text: removed, kind: "removed" });
    if (added !== "") tidied.push({ text: added, kind: "added" });
    removed = added = "";
  };
  pieces.forEach((piece, i) => {
    if (piece.kind === "removed") removed += piece.text;
    else if (piece.kind === "added") added += piece.text;
    else if (removed !== "" && added !== "" && changes(pieces[i + 1]) && piece.text.trim() === "" && piece.text.length < 9) {
      removed += piece.text;
      added += piece.text;
    } else {
      flush();
      const last = tidied[tidied.length - 1];
      if (last?.kind === "same") last.text += piece.text;
      else tidied.push({ ...piece });
    }
  });
  flush();
  return tidied;
}

function changes(piece: Piece | undefined): boolean {
  return piece !== undefined && piece.kind !== "same";
}

/** Compares by name, in the order of the new list; hypotheses that are gone come last. Equal names are taken in turn. */
export function hypotheses(old: readonly Hypothesis[], now: readonly Hypothesis[]): HypothesisChange[] {
  const before = new Map<string, string[]>();
  for (const [name, text] of old) {
    const texts = before.get(name);
    if (texts) texts.push(text);
    else before.set(name, [text]);
  }
  const taken = new Map<string, number>();
  const found = now.map(([name, text]): HypothesisChange => {
    const place = taken.get(name) ?? 0;
    taken.set(name, place + 1);
    const was = before.get(name)?.[place];
    if (was === undefined) return { name, kind: "added", old: null, text };
    return { name, kind: was === text ? "same" : "changed", old: was, text };
  });
  for (const [name, texts] of before) {
    for (const was of texts.slice(taken.get(name) ?? 0)) found.push({ name, kind: "removed", old: was, text: null });
  }
  return found;
}
