/**
 * Tokens of C, Coq and SMT-LIB, enough to colour them.
 *
 * A hand-written scanner that moves forward only, so that its time is linear whatever the text. It works line by line:
 * a page shows a few lines of a large file, and needs no more of the lines before them than the state that they leave.
 */

export type TokenKind = "plain" | "keyword" | "type" | "comment" | "string" | "number" | "directive" | "constant";

export interface Token {
  text: string;
  kind: TokenKind;
}

/** What a line begins in: a depth of comments, and whether in a string (or, in SMT-LIB, in a quoted symbol). */
export interface State {
  readonly comments: number;
  readonly quote: "" | '"' | "|";
}

export const START: State = { comments: 0, quote: "" };

const set = (words: string) => new Set(words.split(" "));

interface Language {
  keywords: ReadonlySet<string>;
  types: ReadonlySet<string>;
  constants: ReadonlySet<string>;
  /** Of block comments; empty where there are none. */
  open: string;
  close: string;
  nested: boolean;
  /** Of a comment that ends with its line. */
  line: string;
  /** Characters of a name beyond letters, digits and the underscore. */
  name: string;
  /** Quotes that go on over the end of a line. */
  quotes: string;
  /** Quotes that end with the line at the latest, with backslashes. */
  short: string;
  directive: string;
}

const LANGUAGES: Record<string, Language> = {
  c: {
    keywords: set("break case const continue default do else enum extern for goto if inline register restrict return sizeof static struct switch typedef union volatile while _Bool _Static_assert"),
    types: set("void char short int long float double signed unsigned bool size_t ssize_t int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t"),
    constants: set("NULL true false assert assume __VERIFIER_assert __VERIFIER_assume __VERIFIER_error reach_error"),
    open: "/*", close: "*/", nested: false, line: "//", name: "", quotes: "", short: "\"'", directive: "#",
  },
  coq: {
    keywords: set("Theorem Lemma Fact Remark Corollary Proposition Property Example Goal Definition Fixpoint CoFixpoint Inductive CoInductive Record Structure Class Instance Variable Variables Parameter Parameters Axiom Axioms Hypothesis Hypotheses Context Section Module End Require Import Export From Open Scope Notation Infix Ltac Hint Resolve Rewrite Constructors Unfold Arguments Implicit Set Unset Proof Qed Defined Admitted Abort Let Local Global Program Next Obligation Print Check Compute Search Existing Declare Coercion Canonical Generalizable Reserved with match end fun forall exists let in if then else return as fix cofix where struct using"),
    types: set("Type Set Prop SProp nat bool list option unit Z N positive True False"),
    constants: set("admit"),
    open: "(*", close: "*)", nested: true, line: "", name: "'", quotes: '"', short: "", directive: "",
  },
  smt2: {
    keywords: set("assert check-sat check-sat-assuming declare-const declare-fun declare-sort declare-datatype declare-datatypes define-fun define-fun-rec define-funs-rec define-const define-sort echo exit get-model get-value get-unsat-core get-proof get-info pop push reset set-logic set-option set-info forall exists let match ite and or not xor => distinct"),
    types: set("Bool Int Real Array BitVec String Float32 Float64"),
    constants: set("true false"),
    open: "", close: "", nested: false, line: ";", name: "~!@$%^&*_-+=<>.?/", quotes: '"|', short: "", directive: ":",
  },
};

function letter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code > 127;
}

function digit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Scans one line, without its line break; the tokens' texts make the line. */
export function scanLine(line: string, name: string, state: State): { tokens: Token[]; state: State } {
  const language = Object.hasOwn(LANGUAGES, name) ? LANGUAGES[name] : undefined;
  const tokens: Token[] = [];
  const push = (kind: TokenKind, from: number, to: number) => {
    if (to <= from) return;
    const last = tokens[tokens.length - 1];
    if (last?.kind === kind) last.text += line.slice(from, to);
    else tokens.push({ text: line.slice(from, to), kind });
  };
  if (!language) {
    push("plain", 0, line.length);
    return { tokens, state: START };
  }
  let { comments, quote } = state;
  let at = 0;
  while (at < line.length) {
    if (quote !== "") {
      const end = line.indexOf(quote, at);
      const to = end < 0 ? line.length : end + 1;
      push(comments > 0 ? "comment" : "string", at, to);
      if (end >= 0) quote = "";
      at = to;
    } else if (comments > 0) {
      const from = at;
      while (at < line.length && comments > 0 && quote === "") {
        if (line.startsWith(language.close, at)) comments--, (at += 2);
        else if (language.nested && line.startsWith(language.open, at)) comments++, (at += 2);
        // Coq reads strings inside comments: a closing mark in one does not count.
        else if (language.nested && line[at] === '"') (quote = '"'), at++;
        else at++;
      }
      push("comment", from, at);
    } else {
      const from = at;
      const char = line[at]!;
      const code = line.charCodeAt(at);
      if (language.open !== "" && line.startsWith(language.open, at)) {
        comments = 1;
        at += 2;
        push("comment", from, at);
      } else if (language.line !== "" && line.startsWith(language.line, at)) {
        at = line.length;
        push("comment", from, at);
      } else if (language.quotes.includes(char)) {
        quote = char as '"' | "|";
        at++;
        push("string", from, at);
      } else if (language.short.includes(char)) {
        at++;
        while (at < line.length && line[at] !== char) at += line[at] === "\\" ? 2 : 1;
        at = Math.min(at + 1, line.length);
        push("string", from, at);
      } else if (language.directive !== "" && char === language.directive) {
        at++;
        while (at < line.length && (letter(line.charCodeAt(at)) || line[at] === "-")) at++;
        push("directive", from, at);
        // `<assert.h>` is a name of a file, not a comparison.
        const file = line.slice(from, at) === "#include" ? line.indexOf("<", at) : -1;
        const end = file >= 0 && line.slice(at, file).trim() === "" ? line.indexOf(">", file) : -1;
        if (end >= 0) {
          push("plain", at, file);
          push("string", file, end + 1);
          at = end + 1;
        }
      } else if (digit(code)) {
        at++;
        while (at < line.length && (digit(line.charCodeAt(at)) || letter(line.charCodeAt(at)) || (line[at] === "." && digit(line.charCodeAt(at + 1))))) at++;
        push("number", from, at);
      } else if (letter(code) || language.name.includes(char)) {
        at++;
        while (at < line.length && (letter(line.charCodeAt(at)) || digit(line.charCodeAt(at)) || language.name.includes(line[at]!))) at++;
        const word = line.slice(from, at);
        push(language.keywords.has(word) ? "keyword" : language.types.has(word) ? "type" : language.constants.has(word) ? "constant" : "plain", from, at);
      } else {
        at++;
        push("plain", from, at);
      }
    }
  }
  return { tokens, state: comments === state.comments && quote === state.quote ? state : { comments, quote } };
}

/** State behind a line. Most lines of a large file change nothing, and need no scan to say so. */
function stateAfter(line: string, name: string, state: State): State {
  const language = Object.hasOwn(LANGUAGES, name) ? LANGUAGES[name] : undefined;
  if (!language) return START;
  if (state === START) {
    const opens = language.open !== "" && line.includes(language.open);
    if (!opens && ![...language.quotes].some((quote) => line.includes(quote))) return START;
  } else if (state.quote === "" && !language.nested && !line.includes(language.close)) {
    return state;
  }
  const after = scanLine(line, name, state).state;
  return after.comments === 0 && after.quote === "" ? START : after;
}

/** Scans a whole text; the tokens' texts, with their line breaks, make the text. */
export function highlight(text: string, language: string): Token[] {
  const tokens: Token[] = [];
  let state = START;
  text.split("\n").forEach((line, i) => {
    if (i > 0) tokens.push({ text: "\n", kind: "plain" });
    const scanned = scanLine(line, language, state);
    for (const token of scanned.tokens) tokens.push(token);
    state = scanned.state;
  });
  return tokens;
}

/** Tokens of any line of a text; the states between lines are found once, as far as they are asked for. */
export class Highlighter {
  private readonly states: State[] = [START];

  constructor(
    private readonly lines: readonly string[],
    private readonly language: string,
  ) {}

  /** Tokens of line `index`, counted from 0, cut to its first `most` characters. */
  tokens(index: number, most = Infinity): Token[] {
    const line = this.lines[index];
    if (line === undefined) return [];
    for (let i = this.states.length; i <= index; i++) {
      this.states.push(stateAfter(this.lines[i - 1]!, this.language, this.states[i - 1]!));
    }
    return scanLine(line.length > most ? line.slice(0, most) : line, this.language, this.states[index]!).tokens;
  }
}
