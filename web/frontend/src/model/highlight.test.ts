import { describe, expect, it } from "vitest";
import { highlight, Highlighter, START, scanLine } from "./highlight";
import { random } from "./testing";

const PIECES = ["(*", "*)", "/*", "*/", "//", '"', "'", "\\", "|", ";", "#include", "#include <", ">", "\n", " ", "int", "Lemma", "x'", "3.5", "0x1f", "(", "é", "𝔸", ":named", "\r"];

const kinds = (text: string, language: string) => highlight(text, language).map((token) => [token.kind, token.text.trim()]);

describe("highlight", () => {
  it("loses no character", () => {
    const next = random(3);
    for (const language of ["c", "coq", "smt2", "text", "__proto__"]) {
      for (let i = 0; i < 150; i++) {
        const text = Array.from({ length: Math.floor(next() * 80) }, () => PIECES[Math.floor(next() * PIECES.length)]).join("");
        expect(highlight(text, language).map((token) => token.text).join("")).toBe(text);
      }
    }
  });

  it("takes linear time on hostile texts", () => {
    const size = 100_000;
    for (const piece of ["(*", "*)", '"', "/*", "/", "\\", "'", "1.", "a", "#", "|", "(* \" ", "\n", "\n(*"]) {
      const text = piece.repeat(size / piece.length);
      for (const language of ["c", "coq", "smt2"]) {
        const began = performance.now();
        highlight(text, language);
        expect(performance.now() - began).toBeLessThan(1000);
      }
    }
  });

  it("knows comments over several lines, nested ones in Coq only", () => {
    expect(kinds("(* a (* b *)\nc *) Qed", "coq")).toEqual([["comment", "(* a (* b *)"], ["plain", ""], ["comment", "c *)"], ["plain", ""], ["keyword", "Qed"]]);
    expect(kinds("/* a /* b */ int", "c")).toEqual([["comment", "/* a /* b */"], ["plain", ""], ["type", "int"]]);
    expect(kinds('(* "*)" *) fun', "coq").at(-1)).toEqual(["keyword", "fun"]);
  });

  it("knows strings, directives and numbers", () => {
    expect(kinds('#include "a\\"b" 0x1f', "c")).toEqual([["directive", "#include"], ["plain", ""], ["string", '"a\\"b"'], ["plain", ""], ["number", "0x1f"]]);
    expect(kinds("(assert |a b|) ; c", "smt2").map(([kind]) => kind)).toEqual(["plain", "keyword", "plain", "string", "plain", "comment"]);
    expect(kinds("#include <assert.h> // x", "c").map(([kind]) => kind)).toEqual(["directive", "plain", "string", "plain", "comment"]);
    expect(kinds("x1 int_ interval", "c")).toEqual([["plain", "x1 int_ interval"]]);
  });

  it("gives the tokens of any line alone", () => {
    const text = 'a (* b\n"*)" c\nd *) "x\ny" Qed\n';
    const lines = text.split("\n");
    const alone = new Highlighter(lines, "coq");
    expect(alone.tokens(3)).toEqual([{ text: 'y"', kind: "string" }, { text: " ", kind: "plain" }, { text: "Qed", kind: "keyword" }]);
    expect(alone.tokens(99)).toEqual([]);
    let state = START;
    lines.forEach((line, i) => {
      const scanned = scanLine(line, "coq", state);
      expect(alone.tokens(i)).toEqual(scanned.tokens);
      state = scanned.state;
    });
  });

  it("agrees with a whole scan on any text", () => {
    const next = random(5);
    for (const language of ["c", "coq", "smt2", "text"]) {
      for (let i = 0; i < 60; i++) {
        const lines = Array.from({ length: Math.floor(next() * 120) }, () => PIECES[Math.floor(next() * PIECES.length)]).join("").split("\n");
        const alone = new Highlighter(lines, language);
        let state = START;
        lines.forEach((line, number) => {
          const scanned = scanLine(line, language, state);
          expect(alone.tokens(number)).toEqual(scanned.tokens);
          state = scanned.state;
        });
      }
    }
  });

  it("shows the beginning of a very long line", () => {
    expect(new Highlighter(["x".repeat(1_000_000)], "c").tokens(0, 10)).toEqual([{ text: "xxxxxxxxxx", kind: "plain" }]);
  });
});
