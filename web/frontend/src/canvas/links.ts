import type { Status } from "../model/search";
import { GONE, type Frame } from "./frame";
import { BOX_HEIGHT, BOX_WIDTH, COLUMN, PITCH } from "./measures";

/** From this height of a row in pixels on, links have round corners. */
const CORNERS_FROM = 14;
const BRANCHES_FROM = 3;
const MOST_CROSS = 400;

/** Draw the links between parents and children that cross the screen. */
export function drawLinks(ctx: CanvasRenderingContext2D, frame: Frame): void {
  const { scene, view, palette } = frame;
  const pitch = PITCH * view.zoom;
  const top = view.worldY(0) - BOX_HEIGHT;
  const bottom = view.worldY(view.height) + BOX_HEIGHT;
  const first = Math.max(1, Math.floor(view.worldX(0) / COLUMN));
  const last = Math.min(scene.columns.length - 1, Math.ceil(view.worldX(view.width) / COLUMN) + 1);
  ctx.strokeStyle = ctx.fillStyle = palette.link;
  ctx.lineWidth = Math.max(1, Math.min(1.5, 1.25 * view.zoom));
  for (let level = first; level <= last; level++) {
    const column = scene.columns[level] as Int32Array;
    const [from, to] = scene.slice(level, top, bottom);
    // One row more at either end: a family may have members above and below the screen and none on it.
    const start = Math.max(0, from - 1);
    const end = Math.min(column.length, to + 1);
    if (pitch >= CORNERS_FROM) elbows(ctx, frame, column, start, end);
    else trunks(ctx, frame, column, start, end, pitch);
  }
}

function elbows(ctx: CanvasRenderingContext2D, { scene, view, facts }: Frame, column: Int32Array, start: number, end: number): void {
  ctx.beginPath();
  for (let at = start; at < end; at++) {
    const row = column[at] as number;
    if (facts.status[row] === GONE) continue;
    const parent = scene.outline.parent[row] as number;
    elbow(ctx, view.x(scene.x(parent) + BOX_WIDTH), view.y(scene.y[parent] as number), view.x(scene.x(row)), view.y(scene.y[row] as number));
  }
  ctx.stroke();
}

function trunks(ctx: CanvasRenderingContext2D, { scene, view }: Frame, column: Int32Array, start: number, end: number, pitch: number): void {
  let parent = -1;
  let drawnTo = -Infinity;
  for (let at = start; at < end; at++) {
    const row = column[at] as number;
    const above = scene.outline.parent[row] as number;
    const left = view.x(scene.x(above) + BOX_WIDTH);
    const right = view.x(scene.x(row));
    const middle = Math.round((left + right) / 2);
    if (pitch >= BRANCHES_FROM) ctx.fillRect(middle, Math.round(view.y(scene.y[row] as number)), right - middle, 1);
    if (above === parent) continue;
    parent = above;
    const y = Math.round(view.y(scene.y[above] as number));
    const low = Math.max(drawnTo, -2, Math.round(view.y(scene.y[scene.firstChild[above] as number] as number)));
    const high = Math.min(view.height + 2, Math.round(view.y(scene.y[scene.lastChild[above] as number] as number)));
    if (pitch < BRANCHES_FROM && high - low < 2) continue;
    ctx.fillRect(left, y, middle - left, 1);
    if (high >= low) ctx.fillRect(middle, low, 1, high - low + 1);
    drawnTo = high;
  }
}

/** From left to right with a vertical part in the middle, which the links of one family share. */
function elbow(ctx: CanvasPath, x1: number, y1: number, x2: number, y2: number): void {
  const middle = (x1 + x2) / 2;
  const round = Math.min(10, Math.abs(y2 - y1) / 2, Math.abs(x2 - x1) / 2);
  ctx.moveTo(x1, y1);
  ctx.arcTo(middle, y1, middle, y2, round);
  ctx.arcTo(middle, y2, x2, y2, round);
  ctx.lineTo(x2, y2);
}

/** Draw the links of the proof, broad and with a halo, so that it shows at every zoom. */
export function drawWinning(ctx: CanvasRenderingContext2D, frame: Frame): void {
  const { scene, view, facts, palette } = frame;
  if (facts.winning.length === 0) return;
  ctx.beginPath();
  for (const row of facts.winning) {
    const parent = scene.outline.parent[row] as number;
    if (parent < 0 || facts.status[row] === GONE) continue;
    const y1 = view.y(scene.y[parent] as number);
    const y2 = view.y(scene.y[row] as number);
    if (Math.max(y1, y2) < -20 || Math.min(y1, y2) > view.height + 20) continue;
    const x1 = view.x(scene.x(parent) + BOX_WIDTH);
    const x2 = view.x(scene.x(row));
    if (x2 < -20 || x1 > view.width + 20) continue;
    elbow(ctx, x1, y1, x2, y2);
  }
  const scale = Math.min(1.2, Math.max(0.4, view.zoom));
  ctx.lineCap = "round";
  ctx.strokeStyle = palette.halo;
  ctx.lineWidth = Math.max(4, 9 * scale);
  ctx.stroke();
  ctx.strokeStyle = palette.ink.proved;
  ctx.lineWidth = Math.max(1.5, 2.6 * scale);
  ctx.stroke();
  ctx.lineCap = "butt";
}

/**
 * Draw from a step to a goal that another step opened first: dashed, with an arrow. A goal may be needed by
 * hundreds of steps, so those at the pointer and at the selection are strong, the others faint, and those of
 * steps that the search gave up are left out.
 */
export function drawCross(ctx: CanvasRenderingContext2D, frame: Frame): void {
  if (frame.scene.outline.cross.length === 0 || PITCH * frame.view.zoom < BRANCHES_FROM) return;
  const at = (row: number) => row === frame.selected || row === frame.hovered;
  const dead = (step: number) => isDeadStatus(frame.facts.statusOf(step));
  const strong = (step: number, goal: number) => at(step) || (at(goal) && !dead(step));
  ctx.globalAlpha = 0.4;
  crossLinks(ctx, frame, (step, goal) => !strong(step, goal) && !dead(step));
  ctx.globalAlpha = 1;
  crossLinks(ctx, frame, strong);
}

const isDeadStatus = (status: Status): boolean =>
  status === "pruned-cycle" || status === "irrelevant" || status === "failed";

function crossLinks(ctx: CanvasRenderingContext2D, frame: Frame, wanted: (step: number, goal: number) => boolean): void {
  const { scene, view, palette } = frame;
  ctx.strokeStyle = ctx.fillStyle = palette.edge;
  ctx.lineWidth = 1.2;
  ctx.setLineDash([5, 4]);
  let drawn = 0;
  const tips: [number, number][] = [];
  ctx.beginPath();
  for (const [step, goal] of scene.outline.cross) {
    if (!wanted(step, goal)) continue;
    const x1 = view.x(scene.x(step) + BOX_WIDTH);
    const y1 = view.y(scene.y[step] as number);
    const x2 = view.x(scene.x(goal));
    const y2 = view.y(scene.y[goal] as number);
    if (!(near(view, x1, y1) || near(view, x2, y2)) || ++drawn > MOST_CROSS) continue;
    crossCurve(ctx, x1, y1, x2, y2, view.across());
    tips.push([x2, y2]);
  }
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.beginPath();
  for (const [x, y] of tips) {
    ctx.moveTo(x, y);
    ctx.lineTo(x - 8, y - 4);
    ctx.lineTo(x - 8, y + 4);
    ctx.closePath();
  }
  ctx.fill();
}

function crossCurve(ctx: CanvasPath, x1: number, y1: number, x2: number, y2: number, scale: number): void {
  const bend = Math.max(40 * scale, Math.abs(x2 - x1) / 2);
  ctx.moveTo(x1, y1);
  ctx.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2 - 6, y2);
}

const near = (view: Frame["view"], x: number, y: number): boolean =>
  x > -40 && x < view.width + 40 && y > -40 && y < view.height + 40;
