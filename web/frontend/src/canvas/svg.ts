import { DIM, EXPANDED, EXPANDABLE, WINNING } from "../model/outline";
import { FACTS_CHARACTERS, FACTS_SIZE, TEXT_LEFT, TITLE_CHARACTERS, TITLE_SIZE } from "./boxes";
import { type Frame, GOAL, GONE, PILL } from "./frame";
import { GLYPH } from "./glyphs";
import { cut, WORD } from "./label";
import { BOX_HEIGHT, BOX_WIDTH, PILL_HEIGHT } from "./measures";
import { levels, visible } from "./window";

/** A drawing with more rows than this shows only what is on screen. */
export const MOST_ROWS = 4000;
const MARGIN = 20;

/** The rows of a drawing for a file: all of them, or those on screen where there are too many. */
export function rowsOf(frame: Frame): number[] {
  const { scene } = frame;
  if (scene.size <= MOST_ROWS) return Array.from({ length: scene.size }, (_, row) => row);
  const rows: number[] = [];
  const [first, last] = levels(frame);
  for (let level = first; level <= last; level++) {
    const [from, to] = visible(frame, level);
    for (let at = from; at < to && rows.length < MOST_ROWS; at++) rows.push((scene.columns[level] as Int32Array)[at] as number);
  }
  return rows;
}

/** A standalone SVG of the rows, in the colours of the page. */
export function svg(frame: Frame, rows: readonly number[], title: string): string {
  const { scene, palette } = frame;
  const shown = new Set(rows.filter((row) => frame.facts.status[row] !== GONE));
  let left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity;
  for (const row of shown) {
    left = Math.min(left, scene.x(row));
    right = Math.max(right, scene.x(row) + BOX_WIDTH);
    top = Math.min(top, scene.y[row] as number);
    bottom = Math.max(bottom, scene.y[row] as number);
  }
  if (shown.size === 0) left = right = top = bottom = 0;
  const x = left - MARGIN;
  const y = top - BOX_HEIGHT / 2 - MARGIN;
  const width = Math.ceil(right - left + 2 * MARGIN + 30);
  const height = Math.ceil(bottom - top + BOX_HEIGHT + 2 * MARGIN);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${n(x)} ${n(y)} ${width} ${height}">`,
    `<title>${escape(title)}</title>`,
    `<rect x="${n(x)}" y="${n(y)}" width="${width}" height="${height}" fill="${palette.bg}"/>`,
    links(frame, shown),
    ...[...shown].map((row) => box(frame, row)),
    "</svg>",
  ].join("\n");
}

function links(frame: Frame, shown: ReadonlySet<number>): string {
  const { scene, palette } = frame;
  const plain: string[] = [];
  const won: string[] = [];
  const crossed: string[] = [];
  for (const row of shown) {
    const parent = scene.outline.parent[row] as number;
    if (parent < 0 || !shown.has(parent)) continue;
    const path = elbow(frame, parent, row);
    plain.push(path);
    if ((scene.outline.flags[row] as number) & WINNING) won.push(path);
  }
  for (const [step, goal] of scene.outline.cross) {
    if (shown.has(step) && shown.has(goal)) crossed.push(curve(frame, step, goal));
  }
  const line = (paths: string[], colour: string, thick: number, more = "") => (paths.length === 0 ? ""
    : `<path d="${paths.join("")}" fill="none" stroke="${colour}" stroke-width="${thick}"${more}/>`);
  return [
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="2" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
      + `<path d="M0 0L8 4L0 8Z" fill="${palette.edge}"/></marker></defs>`,
    line(plain, palette.link, 1.25),
    ...crossed.map((path) => line([path], palette.edge, 1.2, ' stroke-dasharray="5 4" marker-end="url(#tip)"')),
    line(won, palette.halo, 9, ' stroke-linecap="round"'),
    line(won, palette.ink.proved, 2.6, ' stroke-linecap="round"'),
  ].filter(Boolean).join("\n");
}

function elbow({ scene }: Frame, from: number, to: number): string {
  const x1 = scene.x(from) + BOX_WIDTH;
  const y1 = scene.y[from] as number;
  const x2 = scene.x(to);
  const y2 = scene.y[to] as number;
  const middle = (x1 + x2) / 2;
  const round = Math.min(10, Math.abs(y2 - y1) / 2);
  const way = Math.sign(y2 - y1) * round;
  return `M${n(x1)} ${n(y1)}H${n(middle - round)}Q${n(middle)} ${n(y1)} ${n(middle)} ${n(y1 + way)}V${n(y2 - way)}`
    + `Q${n(middle)} ${n(y2)} ${n(middle + round)} ${n(y2)}H${n(x2)}`;
}

function curve({ scene }: Frame, from: number, to: number): string {
  const x1 = scene.x(from) + BOX_WIDTH;
  const y1 = scene.y[from] as number;
  const x2 = scene.x(to);
  const y2 = scene.y[to] as number;
  const bend = Math.max(40, Math.abs(x2 - x1) / 2);
  return `M${n(x1)} ${n(y1)}C${n(x1 + bend)} ${n(y1)} ${n(x2 - bend)} ${n(y2)} ${n(x2 - 6)} ${n(y2)}`;
}

function box(frame: Frame, row: number): string {
  const { scene, facts, palette } = frame;
  const label = facts.label(scene.outline.ids[row] as number);
  if (!label) return "";
  const flags = scene.outline.flags[row] as number;
  const shape = facts.shape[row] as number;
  const pill = shape === PILL;
  const height = pill ? PILL_HEIGHT : BOX_HEIGHT;
  const radius = shape === GOAL || pill ? height / 2 : 5;
  const ink = pill ? palette.edge : palette.ink[label.status];
  const rect = (by: number, fill: string, more: string) =>
    `<rect x="${-by}" y="${-height / 2 - by}" width="${BOX_WIDTH + 2 * by}" height="${height + 2 * by}" rx="${radius + by}" fill="${fill}"${more}/>`;
  const quiet = pill || label.status === "irrelevant" || label.status === "pruned-cycle" ? ' stroke-dasharray="4 3"' : "";
  const parts = [
    flags & WINNING ? rect(5, palette.halo, "") : "",
    rect(0, pill ? palette.surface : palette.soft[label.status], ` stroke="${ink}" stroke-width="${flags & WINNING ? 2.2 : 1}"${quiet}`),
  ];
  if (pill) {
    parts.push(text(14, 4, FACTS_SIZE, palette.sans, palette.muted, label.title));
  } else {
    const word = WORD[label.status];
    parts.push(
      `<path transform="translate(15 0)" d="${GLYPH[label.status]}" fill="none" stroke="${ink}" stroke-width="1.8"/>`,
      text(TEXT_LEFT, -3, TITLE_SIZE, palette.mono, palette.text, cut(label.title, TITLE_CHARACTERS)),
      `<text x="${TEXT_LEFT}" y="11.5" font-size="${FACTS_SIZE}" font-family="${escape(palette.sans)}" fill="${palette.muted}">`
        + `<tspan fill="${ink}">${escape(word)}</tspan>${escape(cut(label.facts.slice(word.length), FACTS_CHARACTERS - word.length))}</text>`,
    );
    if (flags & EXPANDABLE && !(flags & EXPANDED)) {
      parts.push(text(BOX_WIDTH + 4, 4, FACTS_SIZE, palette.sans, palette.muted, `+${scene.outline.hidden[row] as number}`));
    }
  }
  const faint = flags & DIM ? ' opacity="0.3"' : "";
  return `<g transform="translate(${n(scene.x(row))} ${n(scene.y[row] as number)})"${faint}><title>${escape(label.title)}</title>${parts.join("")}</g>`;
}

function text(x: number, y: number, size: number, font: string, fill: string, content: string): string {
  return `<text x="${x}" y="${y}" font-size="${size}" font-family="${escape(font)}" fill="${fill}" xml:space="preserve">${escape(content)}</text>`;
}

const n = (value: number): string => String(Math.round(value * 10) / 10);

/** Text as XML has it, without the characters that XML forbids even when escaped. */
export function escape(content: string): string {
  return content
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd")
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
