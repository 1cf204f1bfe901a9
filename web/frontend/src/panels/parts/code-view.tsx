import type { ComponentChildren, JSX } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { Highlighter } from "../../model/highlight";
import { BLOCK, Blocks } from "./blocks";
import { CodeLine } from "./code-line";

/** Fewer lines than this are all drawn, and long ones wrap: then the browser's own search finds everything. */
const ALL = 1500;
/** Drawn above and below what is in sight. */
const MARGIN = 600;

/** Something that is said of a line, by a colour, a bar at its left and a word at its right. */
export interface Mark {
  kind: "goal" | "current" | "failure" | "selected" | "past";
  text: string;
  /** The word that begins there is underlined; counted from 1. */
  column?: number;
}

export interface LineLink {
  href: string;
  label: string;
  follow: () => void;
}

interface Props {
  lines: readonly string[];
  language: string;
  label: string;
  marks?: ReadonlyMap<number, readonly Mark[]>;
  /** What stands below a line, counted from 1. */
  notes?: ReadonlyMap<number, ComponentChildren>;
  link?: (line: number) => LineLink | null;
  /** Line to bring into sight whenever it, or `turn`, changes. */
  focus: number | null;
  turn?: unknown;
}

/** Numbered lines of a text with marks and notes; of a long text, only what is in sight is in the document. */
export function CodeView(p: Props): JSX.Element {
  const { lines, language } = p;
  const scroller = useRef<HTMLDivElement>(null);
  const highlighter = useMemo(() => new Highlighter(lines, language), [lines, language]);
  const whole = lines.length <= ALL;
  const [lineHeight, setLineHeight] = useState(20);
  const blocks = useMemo(() => new Blocks(lines.length, lineHeight), [lines, lineHeight]);
  const [span, setSpan] = useState<[number, number]>([0, whole ? blocks.count - 1 : 5]);
  const [, redraw] = useReducer((turn: number) => turn + 1, 0);
  const shown: [number, number] = whole ? [0, blocks.count - 1] : [span[0], Math.min(span[1], blocks.count - 1)];

  const look = useCallback(() => {
    const box = scroller.current;
    if (!box || whole) return;
    const next = blocks.within(box.scrollTop - MARGIN, box.scrollTop + box.clientHeight + MARGIN);
    setSpan((old) => (old[0] === next[0] && old[1] === next[1] ? old : next));
  }, [blocks, whole]);

  useLayoutEffect(() => {
    const line = whole ? null : scroller.current?.querySelector(".code-line");
    const height = line?.getBoundingClientRect().height ?? 0;
    if (height > 0 && Math.abs(height - lineHeight) > 0.01) setLineHeight(height);
  }, [lines, whole]);

  useLayoutEffect(() => {
    if (whole) return;
    let news = false;
    for (const element of scroller.current?.querySelectorAll<HTMLElement>("[data-block]") ?? []) {
      news = blocks.measure(Number(element.dataset.block), element.getBoundingClientRect().height) || news;
    }
    if (news) redraw(null);
  });

  useEffect(() => look(), [look]);

  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box || p.focus === null || p.focus < 1) return undefined;
    const line = p.focus;
    if (!whole) {
      const block = Math.floor((line - 1) / BLOCK);
      const near = blocks.top(block) + ((line - 1) % BLOCK) * lineHeight;
      if (near < box.scrollTop || near > box.scrollTop + box.clientHeight - lineHeight) box.scrollTop = near - box.clientHeight / 3;
      look();
    }
    const frame = requestAnimationFrame(() => bring(box, line));
    return () => cancelAnimationFrame(frame);
  }, [p.focus, p.turn, lines, blocks]);

  const digits = String(lines.length).length;
  const width = useMemo(() => (whole ? 0 : lines.reduce((most, line) => Math.max(most, Math.min(line.length, 2000)), 0)), [lines, whole]);
  const drawn: JSX.Element[] = [];
  for (let block = shown[0]; block <= shown[1]; block++) {
    const rows: JSX.Element[] = [];
    for (let i = block * BLOCK; i < Math.min(lines.length, (block + 1) * BLOCK); i++) {
      const marks = p.marks?.get(i + 1);
      const link = p.link?.(i + 1) ?? null;
      const note = p.notes?.get(i + 1);
      rows.push(<CodeLine key={i} highlighter={highlighter} index={i} length={lines[i]!.length} marks={marks} link={link} />);
      if (note !== undefined) rows.push(<div key={`note ${i}`} class="code-note">{note}</div>);
    }
    drawn.push(<div key={block} data-block={block}>{rows}</div>);
  }
  return (
    <div class={whole ? "code-view wraps" : "code-view"} ref={scroller} tabIndex={0} role="region" aria-label={p.label} onScroll={look}>
      <div class="code-lines" style={{ "--digits": String(digits), minWidth: width > 0 ? `calc(${width + digits + 6}ch + 2rem)` : "100%" }}>
        {!whole && <div style={{ height: `${blocks.top(shown[0])}px` }} />}
        {drawn}
        {!whole && <div style={{ height: `${Math.max(0, blocks.top(blocks.count) - blocks.top(shown[1] + 1))}px` }} />}
      </div>
    </div>
  );
}

/** Scrolls the box only, and only as far as needed: the page around it stays where it is. */
function bring(box: HTMLElement, line: number): void {
  const element = box.querySelector(`[data-line="${line}"]`);
  if (!element) return;
  const there = element.getBoundingClientRect();
  const frame = box.getBoundingClientRect();
  const room = Math.min(60, frame.height / 4);
  if (there.top < frame.top + room / 3 || there.bottom > frame.bottom - room) {
    box.scrollTop += there.top - frame.top - frame.height / 3;
  }
}
