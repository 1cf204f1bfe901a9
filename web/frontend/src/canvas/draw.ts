import { DIM, WINNING } from "../model/outline";
import { STATUSES, type Status } from "../model/search";
import { drawBar, drawBox } from "./boxes";
import { GONE, STRENGTH, WEIGHT, type Frame } from "./frame";
import { drawCross, drawLinks, drawWinning } from "./links";
import { BOX_WIDTH, COLUMN, LABEL_ZOOM, PITCH } from "./measures";
import { levels, visible } from "./window";

/** Rows nearer than this many pixels are drawn as one. */
const MERGE_BELOW = 3;
/** From this many places on, two pixels are drawn as one: what keeps a drawing fast without a graphics card. */
const MANY_PLACES = 12_000;

/** Draw a frame; the context has the size of the view times `ratio`. */
export function draw(ctx: CanvasRenderingContext2D, frame: Frame, ratio: number): void {
  const { view, palette, scene } = frame;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.fillStyle = palette.bg;
  ctx.fillRect(0, 0, view.width, view.height);
  if (scene.size === 0) return;
  drawLinks(ctx, frame);
  drawCross(ctx, frame);
  drawWinning(ctx, frame);
  const merged = PITCH * view.zoom < MERGE_BELOW;
  const [first, last] = levels(frame);
  for (let level = first; level <= last; level++) {
    if (merged) drawMerged(ctx, frame, level, step(frame, last - first + 1));
    else drawColumn(ctx, frame, level, ratio);
  }
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (merged) drawSigns(ctx, frame);
}

function drawColumn(ctx: CanvasRenderingContext2D, frame: Frame, level: number, ratio: number): void {
  const column = frame.scene.columns[level] as Int32Array;
  const [from, to] = visible(frame, level);
  const labels = frame.view.zoom >= LABEL_ZOOM;
  for (let at = from; at < to; at++) {
    if (labels) drawBox(ctx, frame, column[at] as number, ratio);
    else drawBar(ctx, frame, column[at] as number);
  }
}

const step = ({ view }: Frame, columns: number): number => (columns * view.height > MANY_PLACES ? 2 : 1);

/** Draw a column whose rows share pixels: for each pixel the status that tells most, equal neighbours as one bar. */
function drawMerged(ctx: CanvasRenderingContext2D, frame: Frame, level: number, pixels: number): void {
  const { scene, view, facts, palette } = frame;
  const column = scene.columns[level] as Int32Array;
  const [from, to] = visible(frame, level);
  const x = Math.round(view.x(level * COLUMN));
  const width = Math.max(1, Math.round(BOX_WIDTH * view.across()));
  const flags = scene.outline.flags;
  let start = 0; // the bar being drawn: [start, end) in `shade`
  let end = -Infinity;
  let shade = -1;
  const flush = () => {
    if (shade < 0 || end <= start) return;
    ctx.globalAlpha = (STRENGTH[shade & 255] as number) * (shade & 256 ? 0.35 : 1);
    ctx.fillStyle = palette.ink[STATUSES[shade & 255] as Status];
    ctx.fillRect(x, start, width, end - start);
  };
  let at = from;
  while (at < to) {
    const pixel = Math.floor(view.y(scene.y[column[at] as number] as number) / pixels) * pixels;
    let best = -1;
    let weight = -1;
    for (; at < to; at++) {
      const row = column[at] as number;
      if (Math.floor(view.y(scene.y[row] as number) / pixels) * pixels !== pixel) break;
      const code = facts.status[row] as number;
      if (code === GONE) continue;
      const dim = (flags[row] as number) & DIM;
      const value = (WEIGHT[code] as number) + (dim ? 0 : 20) + ((flags[row] as number) & WINNING ? 40 : 0);
      if (value > weight) {
        weight = value;
        best = dim ? code | 256 : code;
      }
    }
    if (best < 0) continue;
    if (best === shade && pixel <= end + pixels) {
      end = pixel + pixels;
    } else {
      flush();
      start = pixel;
      end = pixel + pixels;
      shade = best;
    }
  }
  flush();
  ctx.globalAlpha = 1;
}

/** What must stand out however far one zooms out: matches of the search and the selection. */
function drawSigns(ctx: CanvasRenderingContext2D, frame: Frame): void {
  const { scene, view, palette } = frame;
  const width = Math.max(3, BOX_WIDTH * view.across());
  const sign = (row: number, colour: string, height: number) => {
    ctx.fillStyle = colour;
    ctx.fillRect(view.x(scene.x(row)) - 3, view.y(scene.y[row] as number) - height / 2, width + 6, height);
  };
  let drawn = 0;
  for (const node of frame.found) {
    const row = scene.outline.index.get(node);
    if (row !== undefined && ++drawn < 1000) sign(row, palette.mark, 3);
  }
  if (frame.current >= 0) sign(frame.current, palette.mark, 6);
  if (frame.selected >= 0) sign(frame.selected, palette.selection, 6);
}
