import type { Frame } from "./frame";
import { BOX_HEIGHT, BOX_WIDTH, COLUMN } from "./measures";

type Seen = Pick<Frame, "view" | "scene">;

/** The columns that are on screen, both ends included. */
export function levels({ view, scene }: Seen): [number, number] {
  const first = Math.max(0, Math.floor((view.worldX(-20) - BOX_WIDTH) / COLUMN));
  const last = Math.min(scene.columns.length - 1, Math.floor(view.worldX(view.width + 20) / COLUMN));
  return [first, last];
}

/** The rows of a column that are on screen, as places [from, to) in it. */
export function visible({ view, scene }: Seen, level: number): [number, number] {
  return scene.slice(level, view.worldY(0) - BOX_HEIGHT, view.worldY(view.height) + BOX_HEIGHT);
}
