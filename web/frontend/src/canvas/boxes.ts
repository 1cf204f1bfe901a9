import { DIM, EXPANDABLE, EXPANDED, WINNING } from "../model/outline";
import { STATUSES, type Status } from "../model/search";
import { GOAL, GONE, PILL, type Frame } from "./frame";
import { glyphPath } from "./glyphs";
import { cut, WORD } from "./label";
import { BOX_HEIGHT, BOX_WIDTH, PILL_HEIGHT } from "./measures";

export const TITLE_SIZE = 11.5;
export const FACTS_SIZE = 10.5;
export const TEXT_LEFT = 28;
/** Characters of a title in a box; a type of one width takes 0.602 of its size in the common fonts. */
export const TITLE_CHARACTERS = Math.floor((BOX_WIDTH - TEXT_LEFT - 8) / (TITLE_SIZE * 0.605));

/** A few more than fit: the type is narrowed a little to make room. */
export const FACTS_CHARACTERS = 48;

const heightOf = (shape: number): number => (shape === PILL ? PILL_HEIGHT : BOX_HEIGHT);
const radiusOf = (shape: number): number => (shape === GOAL ? BOX_HEIGHT / 2 : shape === PILL ? PILL_HEIGHT / 2 : 5);

/** Draw one row with its label; the context is left in the coordinates of the row. */
export function drawBox(ctx: CanvasRenderingContext2D, frame: Frame, row: number, ratio: number): void {
  const { scene, view, facts, palette } = frame;
  if (facts.status[row] === GONE) return;
  const id = scene.outline.ids[row] as number;
  const label = facts.label(id);
  if (!label) return;
  const flags = scene.outline.flags[row] as number;
  const shape = facts.shape[row] as number;
  const height = heightOf(shape);
  const scale = ratio * view.zoom;
  ctx.setTransform(scale, 0, 0, scale, ratio * view.x(scene.x(row)), ratio * view.y(scene.y[row] as number));
  ctx.globalAlpha = flags & DIM ? 0.3 : 1;
  marks(ctx, frame, row, shape, height);
  ctx.beginPath();
  ctx.roundRect(0, -height / 2, BOX_WIDTH, height, radiusOf(shape));
  ctx.fillStyle = shape === PILL ? palette.surface : palette.soft[label.status];
  ctx.fill();
  border(ctx, frame, label.status, shape, flags);
  if (shape === PILL) {
    const hint = flags & EXPANDED ? "▾" : "▸";
    ctx.font = `${FACTS_SIZE}px ${palette.sans}`;
    ctx.fillStyle = palette.muted;
    ctx.fillText(`${hint}  ${label.title}`, 12, 4);
  } else {
    contents(ctx, frame, label.title, label.facts, label.status);
    badge(ctx, frame, row, flags);
  }
  ctx.globalAlpha = 1;
}

function marks(ctx: CanvasRenderingContext2D, frame: Frame, row: number, shape: number, height: number): void {
  const { palette, scene } = frame;
  const id = scene.outline.ids[row] as number;
  if ((scene.outline.flags[row] as number) & WINNING) ring(ctx, shape, height, 5, palette.halo);
  if (row === frame.selected) {
    ring(ctx, shape, height, 5.5, palette.surface);
    ring(ctx, shape, height, 4.5, palette.selection);
    ring(ctx, shape, height, 2, palette.surface);
  }
  if (!frame.found.has(id)) return;
  ctx.fillStyle = palette.mark;
  ctx.beginPath();
  ctx.roundRect(-12, -height / 2, 5, height, 2.5);
  ctx.fill();
  if (row === frame.current) ring(ctx, shape, height, row === frame.selected ? 2 : 3, palette.mark);
}

function ring(ctx: CanvasRenderingContext2D, shape: number, height: number, by: number, colour: string): void {
  ctx.beginPath();
  ctx.roundRect(-by, -height / 2 - by, BOX_WIDTH + 2 * by, height + 2 * by, radiusOf(shape) + by);
  ctx.fillStyle = colour;
  ctx.fill();
}

function border(ctx: CanvasRenderingContext2D, frame: Frame, status: Status, shape: number, flags: number): void {
  const { palette } = frame;
  const quiet = status === "irrelevant" || status === "pruned-cycle" || shape === PILL;
  ctx.strokeStyle = shape === PILL ? palette.edge : palette.ink[status];
  ctx.lineWidth = flags & WINNING ? 2.2 : status === "proved" ? 1.6 : 1;
  if (quiet) ctx.setLineDash(shape === PILL ? [2, 3] : [4, 3]);
  ctx.stroke();
  if (quiet) ctx.setLineDash([]);
}

function contents(ctx: CanvasRenderingContext2D, frame: Frame, title: string, facts: string, status: Status): void {
  const { palette } = frame;
  ctx.strokeStyle = palette.ink[status];
  ctx.lineWidth = 1.8;
  ctx.translate(15, 0);
  ctx.stroke(glyphPath(status));
  ctx.translate(-15, 0);
  ctx.font = `${TITLE_SIZE}px ${palette.mono}`;
  ctx.fillStyle = palette.text;
  ctx.fillText(cut(title, TITLE_CHARACTERS), TEXT_LEFT, -3);
  ctx.font = `${FACTS_SIZE}px ${palette.sans}`;
  const word = WORD[status];
  ctx.fillStyle = palette.ink[status];
  ctx.fillText(word, TEXT_LEFT, 11.5);
  ctx.fillStyle = palette.muted;
  const width = wordWidth(ctx, status);
  ctx.fillText(cut(facts.slice(word.length), FACTS_CHARACTERS - word.length), TEXT_LEFT + width, 11.5, BOX_WIDTH - TEXT_LEFT - 12 - width);
}

const widths = new Map<string, number>();

function wordWidth(ctx: CanvasRenderingContext2D, status: Status): number {
  const key = ctx.font + status;
  let width = widths.get(key);
  if (width === undefined) widths.set(key, (width = ctx.measureText(WORD[status]).width));
  return width;
}

/** How many nodes a closed row hides; a minus on an open one that is pointed at or selected. */
function badge(ctx: CanvasRenderingContext2D, frame: Frame, row: number, flags: number): void {
  const { palette, scene } = frame;
  if (!(flags & EXPANDABLE)) return;
  if (flags & EXPANDED) {
    if (row !== frame.hovered && row !== frame.selected) return;
    tag(ctx, frame, "−", 16);
    return;
  }
  const text = `+${scene.outline.hidden[row] as number}`;
  ctx.font = `${FACTS_SIZE}px ${palette.sans}`;
  tag(ctx, frame, text, Math.max(18, 9 + 6.2 * text.length));
}

function tag(ctx: CanvasRenderingContext2D, { palette }: Frame, text: string, width: number): void {
  ctx.beginPath();
  ctx.roundRect(BOX_WIDTH - 6, -8, width, 16, 8);
  ctx.fillStyle = palette.surface;
  ctx.fill();
  ctx.strokeStyle = palette.edge;
  ctx.lineWidth = 1;
  ctx.stroke();
  ctx.fillStyle = palette.text;
  ctx.font = `${FACTS_SIZE}px ${palette.sans}`;
  ctx.textAlign = "center";
  ctx.fillText(text, BOX_WIDTH - 6 + width / 2, 3.7);
  ctx.textAlign = "start";
}

/** Draw one row without its label: a bar in the colour of its status. */
export function drawBar(ctx: CanvasRenderingContext2D, frame: Frame, row: number): void {
  const { scene, view, facts, palette } = frame;
  const code = facts.status[row] as number;
  if (code === GONE) return;
  const flags = scene.outline.flags[row] as number;
  const shape = facts.shape[row] as number;
  const status = STATUSES[code] as Status;
  const x = view.x(scene.x(row));
  const width = BOX_WIDTH * view.across();
  const height = Math.max(1.5, heightOf(shape) * view.zoom);
  const y = view.y(scene.y[row] as number) - height / 2;
  ctx.globalAlpha = flags & DIM ? 0.3 : 1;
  const around = Math.min(4, Math.max(2, height / 3));
  const colour = row === frame.selected ? palette.selection
    : frame.found.has(scene.outline.ids[row] as number) ? palette.mark : flags & WINNING ? palette.halo : null;
  if (colour) {
    ctx.fillStyle = colour;
    ctx.fillRect(x - around, y - around, width + 2 * around, height + 2 * around);
  }
  if (height < 7) {
    ctx.fillStyle = shape === PILL ? palette.edge : palette.ink[status];
    ctx.fillRect(x, y, shape === PILL ? width * 0.6 : width, height);
  } else {
    ctx.fillStyle = shape === PILL ? palette.surface : palette.soft[status];
    ctx.strokeStyle = shape === PILL ? palette.edge : palette.ink[status];
    ctx.lineWidth = flags & WINNING || status === "proved" ? 1.6 : 1;
    ctx.beginPath();
    ctx.roundRect(x, y, width, height, radiusOf(shape) * view.zoom);
    ctx.fill();
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
}
