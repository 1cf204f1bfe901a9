import type { ComponentChildren, JSX } from "preact";
import { highlight } from "../../model/highlight";
import { isRecord } from "../../model/trace";
import { Coloured } from "./code-line";
import { Value } from "./values";

/** Names that say more than the keys of the JSON; they are shown in this order, before all others. */
const TITLES: Record<string, string> = {
  explanation: "",
  statement: "Statement",
  instance: "Values",
  model: "Values",
  steps: "Proof of the negation",
  others: "Without a plain value",
};
const DEEP = 5;
const MOST = 500;
/** Longer texts are not coloured. */
const COLOURED = 20_000;

/** Any JSON object in a form that a person reads: tables, lists and texts. */
export function Facts({ value, language, depth = 0 }: { value: Record<string, unknown>; language: string; depth?: number }): JSX.Element {
  const known = Object.keys(TITLES).filter((name) => Object.hasOwn(value, name));
  const names = [...known, ...Object.keys(value).filter((name) => !Object.hasOwn(TITLES, name) && !(depth === 0 && name === "system"))];
  return (
    <div class="fact-set">
      {names.slice(0, MOST).map((name) => {
        if (empty(value[name])) return null;
        const title = Object.hasOwn(TITLES, name) ? TITLES[name] : name.replaceAll("_", " ");
        return (
          <section key={name}>
            {title !== "" && (depth === 0 ? <h3>{title}</h3> : <p class="fact-name">{title}</p>)}
            <Fact value={value[name]} language={name === "explanation" ? "prose" : language} depth={depth + 1} />
          </section>
        );
      })}
      {names.length > MOST && <p class="muted">and {names.length - MOST} more</p>}
    </div>
  );
}

function empty(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0) || (isRecord(value) && Object.keys(value).length === 0);
}

function Fact({ value, language, depth }: { value: unknown; language: string; depth: number }): ComponentChildren {
  if (typeof value === "string") return <Text text={value} language={language} />;
  if (depth < DEEP && Array.isArray(value)) {
    return (
      <ol class="fact-list">
        {value.slice(0, MOST).map((item: unknown, i) => <li key={i}><Fact value={item} language={language} depth={depth + 1} /></li>)}
        {value.length > MOST && <li class="muted">and {value.length - MOST} more</li>}
      </ol>
    );
  }
  if (isRecord(value)) {
    const names = Object.keys(value);
    if (names.every((name) => typeof value[name] !== "object" || value[name] === null)) return <Pairs value={value} names={names} />;
    if (depth < DEEP) return <Facts value={value} language={language} depth={depth} />;
  }
  return <Value value={value} />;
}

function Pairs({ value, names }: { value: Record<string, unknown>; names: readonly string[] }): JSX.Element {
  return (
    <table class="pairs">
      <thead class="offscreen"><tr><th scope="col">Name</th><th scope="col">Value</th></tr></thead>
      <tbody>
        {names.slice(0, MOST).map((name) => <tr key={name}><th scope="row" class="mono">{name}</th><td><Value value={value[name]} /></td></tr>)}
        {names.length > MOST && <tr><td colSpan={2} class="muted">and {names.length - MOST} more</td></tr>}
      </tbody>
    </table>
  );
}

function Text({ text, language }: { text: string; language: string }): JSX.Element {
  if (language === "prose") return <p>{text.slice(0, COLOURED)}</p>;
  const cut = text.slice(0, 200_000);
  return <pre class="fact-text">{text.length > COLOURED ? cut : <Coloured tokens={highlight(cut, language)} />}</pre>;
}
