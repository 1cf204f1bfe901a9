import { EXPANDABLE } from "../model/outline";
import { BOX_HEIGHT, BOX_WIDTH, COLUMN } from "./measures";
import type { Scene } from "./scene";
import type { Viewport } from "./viewport";

export interface Hit { row: number; toggle: boolean }

/** What is under a point of the screen: a row, or the sign at its right end that opens and closes it. */
export function hit(scene: Scene, view: Viewport, x: number, y: number): Hit | null {
  const worldX = view.worldX(x);
  const worldY = view.worldY(y);
  const level = Math.floor((worldX + 2) / COLUMN);
  const row = scene.nearest(level, worldY);
  if (row < 0) return null;
  const gap = Math.abs((scene.y[row] as number) - worldY) * view.zoom;
  if (gap > Math.max(4, (BOX_HEIGHT / 2) * view.zoom + 1)) return null;
  const inside = worldX - scene.x(row);
  const expandable = ((scene.outline.flags[row] as number) & EXPANDABLE) !== 0;
  const toggle = expandable && view.zoom > 0.4 && inside > BOX_WIDTH - 8;
  if (inside > BOX_WIDTH + (toggle ? 40 : 4)) return null;
  return { row, toggle };
}
