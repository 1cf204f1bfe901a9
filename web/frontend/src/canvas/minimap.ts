import { WINNING } from "../model/outline";
import { STATUSES, type Status } from "../model/search";
import { type Facts, GONE, STRENGTH, WEIGHT } from "./frame";
import { BOX_WIDTH, COLUMN } from "./measures";
import type { Palette } from "./palette";
import type { Scene } from "./scene";
import type { Viewport } from "./viewport";

/** The whole tree in a corner, stretched to fill it, with the part that is on screen. */
export class Minimap {
  private readonly ctx: CanvasRenderingContext2D | null;
  private readonly picture: HTMLCanvasElement;
  private scene: Scene | null = null;

  constructor(private readonly canvas: HTMLCanvasElement, readonly width = 168, readonly height = 116) {
    this.ctx = canvas.getContext("2d");
    this.picture = document.createElement("canvas");
  }

  /** Draw the tree anew; `show` puts it on screen. */
  paint(scene: Scene, facts: Facts, palette: Palette, ratio: number): void {
    this.scene = scene;
    for (const canvas of [this.canvas, this.picture]) {
      canvas.width = this.width * ratio;
      canvas.height = this.height * ratio;
    }
    const ctx = this.picture.getContext("2d");
    if (!ctx) return;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.fillStyle = palette.surface;
    ctx.fillRect(0, 0, this.width, this.height);
    const width = Math.max(1.5, BOX_WIDTH * this.scaleX());
    // Each pixel of a column takes the status that tells most; bars are drawn in that order, the best on top.
    const best = new Map<number, number>();
    for (let row = 0; row < scene.size; row++) {
      const code = facts.status[row] as number;
      if (code === GONE) continue;
      const key = (scene.outline.level[row] as number) * 4096 + Math.round(this.y(scene.y[row] as number));
      const value = (WEIGHT[code] as number) + ((scene.outline.flags[row] as number) & WINNING ? 40 : 0);
      if (value > (best.get(key) ?? -1)) best.set(key, value);
    }
    for (const [key, value] of best) {
      const status = STATUSES[WEIGHT.indexOf(value % 40)] as Status;
      const x = this.x(Math.floor(key / 4096) * COLUMN);
      if (value >= 40) {
        ctx.fillStyle = palette.halo;
        ctx.fillRect(x - 1, (key % 4096) - 1.5, width + 2, 4);
      }
      ctx.globalAlpha = STRENGTH[WEIGHT.indexOf(value % 40)] as number;
      ctx.fillStyle = palette.ink[status];
      ctx.fillRect(x, key % 4096, width, 1);
      ctx.globalAlpha = 1;
    }
  }

  /** Show the picture and the frame of what is on screen. */
  show(view: Viewport, palette: Palette, ratio: number): void {
    const { ctx, scene } = this;
    if (!ctx || !scene) return;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(this.picture, 0, 0);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    const left = Math.max(1, this.x(view.worldX(0)));
    const right = Math.min(this.width - 1, this.x(view.worldX(view.width)));
    const top = Math.max(1, this.y(view.worldY(0)));
    const bottom = Math.min(this.height - 1, this.y(view.worldY(view.height)));
    ctx.strokeStyle = palette.selection;
    ctx.lineWidth = 1.5;
    ctx.strokeRect(left, top, Math.max(4, right - left), Math.max(4, bottom - top));
  }

  /** The place in the world under a point of the map. */
  world(x: number, y: number): [number, number] {
    const bounds = this.scene?.bounds ?? { left: 0, top: 0 };
    return [bounds.left + (x - PADDING) / this.scaleX(), bounds.top + (y - PADDING) / this.scaleY()];
  }

  private x(world: number): number { return PADDING + (world - (this.scene?.bounds.left ?? 0)) * this.scaleX(); }
  private y(world: number): number { return PADDING + (world - (this.scene?.bounds.top ?? 0)) * this.scaleY(); }

  private scaleX(): number {
    const { left, right } = this.scene?.bounds ?? { left: 0, right: 1 };
    return (this.width - 2 * PADDING) / Math.max(1, right - left);
  }

  private scaleY(): number {
    const { top, bottom } = this.scene?.bounds ?? { top: 0, bottom: 1 };
    return (this.height - 2 * PADDING) / Math.max(1, bottom - top);
  }
}

const PADDING = 6;
