import { BEND_ZOOM, COLUMN } from "./measures";
import type { Bounds } from "./scene";

export const LEAST_ZOOM = 0.0002;
export const MOST_ZOOM = 4;

/**
 * Which part of the world is on screen. Rows scale with `zoom`; columns do so too until `BEND_ZOOM` and shrink
 * more slowly below it: a search is far taller than wide, and a uniform scale would leave a hairline of it.
 */
export class Viewport {
  zoom = 1;
  left = 0; // screen x of world x = 0
  top = 0; // screen y of world y = 0
  width = 1;
  height = 1;
  private bend = 1;

  /** Horizontal scale at a zoom. */
  across(zoom = this.zoom): number {
    return zoom >= BEND_ZOOM ? zoom : BEND_ZOOM * (zoom / BEND_ZOOM) ** this.bend;
  }

  x(world: number): number { return this.left + world * this.across(); }
  y(world: number): number { return this.top + world * this.zoom; }
  worldX(screen: number): number { return (screen - this.left) / this.across(); }
  worldY(screen: number): number { return (screen - this.top) / this.zoom; }

  pan(dx: number, dy: number): void {
    this.left += dx;
    this.top += dy;
  }

  /** Zoom so that the world stays where it is under a point of the screen. */
  zoomAt(zoom: number, x: number, y: number): void {
    const next = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom));
    const worldX = this.worldX(x);
    const worldY = this.worldY(y);
    this.zoom = next;
    this.left = x - worldX * this.across();
    this.top = y - worldY * next;
  }

  /** Adapt the slower shrinking of columns to a world, keeping the middle of the screen in place. */
  suit(bounds: Bounds): void {
    const middle = this.worldX(this.width / 2);
    const tall = this.fitTall(bounds);
    const wide = (this.width - 2 * MARGIN) / Math.max(1, bounds.right - bounds.left);
    this.bend = 1;
    if (tall < BEND_ZOOM && wide > tall) {
      this.bend = Math.max(0.02, Math.log(Math.min(wide, BEND_ZOOM * 0.98) / BEND_ZOOM) / Math.log(tall / BEND_ZOOM));
    }
    this.left = this.width / 2 - middle * this.across();
  }

  /** Show all of a world, at most at its natural size. */
  fit(bounds: Bounds): void {
    const wide = (this.width - 2 * MARGIN) / Math.max(1, bounds.right - bounds.left);
    const tall = this.fitTall(bounds);
    this.suit(bounds);
    this.zoom = Math.max(LEAST_ZOOM, Math.min(1, wide >= tall ? tall : Math.min(tall, wide)));
    const across = this.across();
    this.left = (this.width - (bounds.right - bounds.left) * across) / 2 - bounds.left * across;
    this.top = (this.height - (bounds.bottom - bounds.top) * this.zoom) / 2 - bounds.top * this.zoom;
  }

  /** Move so little that a box comes into sight with some room around it. */
  include(box: Bounds): void {
    const roomX = Math.min(COLUMN * 0.4, this.width / 6);
    const roomY = Math.min(90, this.height / 5);
    this.left += nudge(this.x(box.left), this.x(box.right), roomX, this.width - roomX);
    this.top += nudge(this.y(box.top), this.y(box.bottom), roomY, this.height - roomY);
  }

  private fitTall(bounds: Bounds): number {
    return Math.max(LEAST_ZOOM, (this.height - 2 * MARGIN) / Math.max(1, bounds.bottom - bounds.top));
  }
}

const MARGIN = 24;

function nudge(low: number, high: number, least: number, most: number): number {
  if (low < least) return least - low;
  if (high > most) return Math.max(most - high, least - low);
  return 0;
}
