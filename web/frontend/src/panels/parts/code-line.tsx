import type { JSX } from "preact";
import type { Highlighter, Token } from "../../model/highlight";
import type { LineLink, Mark } from "./code-view";

/** Longer lines are cut: laying out a line of a megabyte takes a browser seconds. */
const MOST = 2000;
/** Beyond this many tokens colours help nobody. */
const MOST_TOKENS = 400;

interface Props {
  highlighter: Highlighter;
  index: number;
  length: number;
  marks: readonly Mark[] | undefined;
  link: LineLink | null;
}

export function CodeLine({ highlighter, index, length, marks, link }: Props): JSX.Element {
  const tokens = highlighter.tokens(index, MOST);
  const column = marks?.find((mark) => mark.column !== undefined)?.column ?? null;
  const text = <Coloured tokens={tokens} column={column} />;
  const kinds = marks?.map((mark) => ` is-${mark.kind}`).join("") ?? "";
  const follow = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    link?.follow();
  };
  return (
    <div class={`code-line${kinds}`} data-line={index + 1}>
      <span class="code-number" data-number={index + 1} />
      {link ? <a class="code-text" href={link.href} title={link.label} onClick={follow}>{text}</a> : <span class="code-text">{text}</span>}
      {length > MOST && <span class="code-cut">… {(length - MOST).toLocaleString("en-US")} more characters</span>}
      {marks?.map((mark) => mark.text !== "" && <span key={mark.kind} class={`code-mark is-${mark.kind}`}>{mark.text}</span>)}
    </div>
  );
}

/** Tokens as coloured text; the word at `column` is underlined. */
export function Coloured({ tokens, column = null }: { tokens: readonly Token[]; column?: number | null }): JSX.Element {
  if (column === null && tokens.length > MOST_TOKENS) return <>{tokens.map((token) => token.text).join("")}</>;
  let at = 1;
  return (
    <>
      {tokens.map((token, i) => {
        const from = at;
        at += token.text.length;
        const kind = token.kind === "plain" ? undefined : `tok-${token.kind}`;
        if (column === null || column < from || column >= at) return <span key={i} class={kind}>{token.text}</span>;
        const begin = column - from;
        const word = /^(?:[\w']+|.)/u.exec(token.text.slice(begin))?.[0] ?? "";
        return (
          <span key={i} class={kind}>
            {token.text.slice(0, begin)}<mark class="code-at">{word}</mark>{token.text.slice(begin + word.length)}
          </span>
        );
      })}
    </>
  );
}
