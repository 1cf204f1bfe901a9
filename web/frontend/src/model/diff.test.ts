import { describe, expect, it } from "vitest";
import { hypotheses, words, type Piece } from "./diff";
import { random } from "./testing";

const side = (pieces: readonly Piece[], without: Piece["kind"]) =>
  pieces.filter((piece) => piece.kind !== without).map((piece) => piece.text).join("");

const VOCABULARY = ["x", "y", "map", "IHl", " ", " ", "\n", "(", ")", "::", "→", "𝔸", "\ud800", "0"];

function text(next: () => number, length: number): string {
  return Array.from({ length }, () => VOCABULARY[Math.floor(next() * VOCABULARY.length)]).join("");
}

function edited(next: () => number, source: string): string {
  const words = source.split(/(?<= )/);
  return words.flatMap((word) => (next() < 0.1 ? [] : next() < 0.1 ? [word, "new "] : [word])).join("");
}

describe("words", () => {
  it("makes both texts again", () => {
    const next = random(1);
    for (let i = 0; i < 400; i++) {
      const old = text(next, Math.floor(next() * 60));
      const now = next() < 0.5 ? edited(next, old) : text(next, Math.floor(next() * 60));
      const pieces = words(old, now);
      expect(side(pieces, "added")).toBe(old);
      expect(side(pieces, "removed")).toBe(now);
      expect(pieces.every((piece) => piece.text !== "")).toBe(true);
    }
  });

  it("says that equal texts are the same, whatever the length", () => {
    expect(words("", "")).toEqual([]);
    expect(words("a b", "a b")).toEqual([{ text: "a b", kind: "same" }]);
  });

  it("marks the words that changed and no others", () => {
    expect(words("length (l ++ [x]) = S n", "length l = S n")).toEqual([
      { text: "length ", kind: "same" },
      { text: "(", kind: "removed" },
      { text: "l", kind: "same" },
      { text: " ++ [x])", kind: "removed" },
      { text: " = S n", kind: "same" },
    ]);
  });

  it("stays fast on large texts, alike, shuffled and unrelated", () => {
    const next = random(2);
    const old = text(next, 60_000);
    const unique = Array.from({ length: 14_000 }, (_, i) => `w${i}`).join(" ");
    const shuffled = unique.split(" ").sort((a, b) => a.length - b.length || (a < b ? 1 : -1)).join(" ");
    for (const [a, b] of [[old, edited(next, old)], [old, text(next, 60_000)], [unique, shuffled], ["a".repeat(1e5), " ".repeat(1e5)], [".".repeat(1e5), ".,".repeat(5e4)]] as const) {
      const began = performance.now();
      const pieces = words(a, b);
      // The aim is 200 ms on an idle machine; this only catches what grows with the square.
      expect(performance.now() - began).toBeLessThan(2000);
      expect(side(pieces, "added")).toBe(a);
      expect(side(pieces, "removed")).toBe(b);
    }
  });
});

describe("hypotheses", () => {
  it("tells what is new, changed and gone", () => {
    const found = hypotheses([["l", "list A"], ["H", "P l"], ["x", "A"]], [["l", "list A"], ["H", "P (x :: l)"], ["y", "A"]]);
    expect(found.map((h) => [h.name, h.kind])).toEqual([["l", "same"], ["H", "changed"], ["y", "added"], ["x", "removed"]]);
    expect(found[1]).toEqual({ name: "H", kind: "changed", old: "P l", text: "P (x :: l)" });
  });

  it("takes equal names in turn", () => {
    const found = hypotheses([["_", "a"], ["_", "b"]], [["_", "a"], ["_", "b"], ["_", "c"]]);
    expect(found.map((h) => h.kind)).toEqual(["same", "same", "added"]);
    expect(hypotheses([["__proto__", "a"]], [["constructor", "b"]]).map((h) => h.kind)).toEqual(["added", "removed"]);
  });
});
