import { isPill } from "../model/family";
import { WINNING } from "../model/outline";
import { type SearchModel, STATUSES, type Status } from "../model/search";
import { type Label, labelOf } from "./label";
import type { Palette } from "./palette";
import type { Scene } from "./scene";
import type { Viewport } from "./viewport";

/** All that one drawing depends on. */
export interface Frame {
  scene: Scene;
  facts: Facts;
  view: Viewport;
  palette: Palette;
  /** Rows, -1 for none. */
  selected: number;
  hovered: number;
  /** The match that the reader is at. */
  current: number;
  /** Node numbers that a search found. */
  found: ReadonlySet<number>;
}

export const GOAL = 0;
export const STEP = 1;
export const PILL = 2;
/** The row's node is not in the graph any more: the slider went back and the next layout is on its way. */
export const GONE = 255;

const CODE = new Map(STATUSES.map((status, code) => [status, code]));

/** Which status tells most about a place where many rows share a pixel: the higher the more. */
export const WEIGHT: readonly number[] = STATUSES.map((status) => (
  { proved: 7, open: 6, crashed: 5, "timed-out": 4, failed: 3, "pruned-cycle": 2, irrelevant: 1, rejected: 0 }[status]
));

/** How strongly a status shows where a search is seen from afar: what is merely open must not drown the rest. */
export const STRENGTH: readonly number[] = STATUSES.map((status) => (
  { proved: 1, open: 0.5, crashed: 0.9, "timed-out": 0.9, failed: 0.8, "pruned-cycle": 0.45, irrelevant: 0.4, rejected: 0.6 }[status]
));

/** The state of a scene's rows, read from the model once per change and not once per frame. */
export class Facts {
  readonly status: Uint8Array;
  readonly shape: Uint8Array;
  /** Rows on the winning path, in preorder. */
  readonly winning: number[] = [];
  private readonly labels = new Map<number, Label>();

  constructor(scene: Scene, private readonly model: SearchModel) {
    const { ids, flags } = scene.outline;
    this.status = new Uint8Array(ids.length);
    this.shape = new Uint8Array(ids.length);
    ids.forEach((id, row) => {
      if (isPill(id)) {
        this.status[row] = CODE.get("rejected") ?? 0;
        this.shape[row] = PILL;
        return;
      }
      const info = model.info(id);
      this.status[row] = info ? CODE.get(info.status) ?? GONE : GONE;
      this.shape[row] = info?.kind === "goal" ? GOAL : STEP;
      if ((flags[row] as number) & WINNING) this.winning.push(row);
    });
  }

  label(id: number): Label | null {
    let label = this.labels.get(id) ?? null;
    if (!label && (label = labelOf(this.model, id))) this.labels.set(id, label);
    return label;
  }

  statusOf(row: number): Status { return STATUSES[this.status[row] as number] ?? "open"; }
}
