import { draw } from "../canvas/draw";
import { Facts, type Frame } from "../canvas/frame";
import { type Hit, hit } from "../canvas/hit";
import { BOX_HEIGHT, BOX_WIDTH } from "../canvas/measures";
import { Minimap } from "../canvas/minimap";
import { type Palette, readPalette } from "../canvas/palette";
import { type Bounds, EMPTY, Scene } from "../canvas/scene";
import { Viewport } from "../canvas/viewport";
import { LayoutClient } from "../layout/client";
import { goalOfPill, isPill, isRefused, parentOf, pillOf } from "../model/family";
import { NO_FILTER } from "../model/filter";
import { EXPANDABLE, EXPANDED, type Outline, outline, type OutlineOptions } from "../model/outline";
import { winning } from "../model/proof";
import type { SearchModel } from "../model/search";
import { watchGestures } from "./gestures";

/** Least time between two layouts while records arrive, and while the slider is dragged, in milliseconds. */
const LIVE_PAUSE = 250;
const DRAG_PAUSE = 50;
/** While the past is shown new records change nothing but the length of the slider. */
const PAST_PAUSE = 1000;
/** A tree is shown whole at first if its labels can still be read. */
const READABLE = 0.7;

/** What is on the canvas and how it came there: outline, layout, view and drawing. Preact only sees `changed`. */
export class TreeController {
  readonly view = new Viewport();
  options: OutlineOptions = { mode: "overview", toggled: new Map(), winning: new Set(), filter: NO_FILTER, hide: false };
  scene: Scene = EMPTY;
  facts: Facts;
  selected: number | null = null;
  found: ReadonlySet<number> = new Set();
  current: number | null = null;
  private given: number[] | null = null;
  private hovered = -1;
  private palette: Palette;
  private readonly client = new LayoutClient();
  private readonly ctx: CanvasRenderingContext2D | null;
  private readonly minimap: Minimap;
  private ratio = 1;
  private placed = false;
  private touched = false;
  private revealing: number | null = null;
  private tried: number | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private due = 0;
  private frame = 0;
  private busy = false;
  private again = false;
  private took = 0;
  private finished = 0;
  private readonly stops: (() => void)[] = [];

  constructor(
    readonly model: SearchModel, readonly canvas: HTMLCanvasElement, readonly host: HTMLElement, private readonly map: HTMLCanvasElement,
    private readonly changed: () => void,
  ) {
    this.ctx = canvas.getContext("2d", { alpha: false });
    this.minimap = new Minimap(map);
    this.palette = readPalette(host);
    this.facts = new Facts(EMPTY, model);
    this.watch();
    this.layoutSoon(0);
  }

  stop(): void {
    for (const stop of this.stops) stop();
    if (this.timer !== null) clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    this.client.stop();
  }

  set(options: Partial<OutlineOptions>): void {
    this.options = { ...this.options, ...options };
    this.layoutSoon(0);
  }

  setWinning(nodes: number[] | null): void {
    this.given = nodes;
    this.layoutSoon(0);
  }

  select(node: number | null): void {
    this.selected = node;
    this.redraw();
    this.changed(); // the row that a screen reader hears is rendered from what is selected
  }

  setFound(found: ReadonlySet<number>, current: number | null): void {
    this.found = found;
    this.current = current;
    this.redraw();
  }

  /** Open or close a row; null does what it is not. */
  toggle(id: number, open: boolean | null = null): void {
    const row = this.scene.outline.index.get(id);
    if (row === undefined) return;
    const flags = this.scene.outline.flags[row] as number;
    if (!(flags & EXPANDABLE)) return;
    const toggled = new Map(this.options.toggled).set(id, open ?? !(flags & EXPANDED));
    this.set({ toggled });
  }

  /** Open what hides a node and bring it into sight. */
  reveal(node: number): void {
    const toggled = new Map(this.options.toggled);
    this.revealing = node;
    const info = this.model.info(isPill(node) ? goalOfPill(node) : node);
    if (!info) return; // its record is still to come, see `show`
    if (isRefused(info) && info.kind === "step") toggled.set(pillOf(info.goal), true);
    for (let above = parentOf(this.model, info.node), n = 0; above !== null && n < 100_000; n++) {
      const row = this.scene.outline.index.get(above);
      if (row === undefined || !((this.scene.outline.flags[row] as number) & EXPANDED)) toggled.set(above, true);
      above = parentOf(this.model, above);
    }
    const mode = this.options.mode === "proof" && !this.options.winning.has(node) ? "overview" : this.options.mode;
    this.set({ toggled, mode });
  }

  fit(): void {
    this.touched = true;
    this.view.fit(this.scene.bounds);
    this.redraw();
  }

  zoomBy(factor: number): void {
    this.touched = true;
    this.view.zoomAt(this.view.zoom * factor, this.view.width / 2, this.view.height / 2);
    this.redraw();
  }

  /** The row of the selected node, -1 where it is out of sight. */
  get row(): number {
    return this.selected === null ? -1 : this.scene.outline.index.get(this.selected) ?? -1;
  }

  hit(x: number, y: number): Hit | null { return hit(this.scene, this.view, x, y); }

  hover(row: number): void {
    if (row === this.hovered) return;
    this.hovered = row;
    this.redraw();
  }

  /** Bring a row into sight, moving as little as it takes. */
  include(row: number): void {
    const x = this.scene.x(row);
    const y = this.scene.y[row] as number;
    this.view.include({ left: x, right: x + BOX_WIDTH, top: y - BOX_HEIGHT / 2, bottom: y + BOX_HEIGHT / 2 });
    this.redraw();
  }

  frameOf(): Frame {
    const { scene, facts, view, palette, hovered, found } = this;
    const current = this.current === null ? -1 : scene.outline.index.get(this.current) ?? -1;
    return { scene, facts, view, palette, hovered, found, current, selected: this.row };
  }

  /** Lay out after a pause since the last time; a shorter pause than one already running wins. */
  layoutSoon(pause: number): void {
    if (this.busy) {
      this.again = true;
      return;
    }
    const now = performance.now();
    const at = pause === 0 ? now : Math.max(now, this.finished + Math.max(pause, 3 * this.took));
    if (this.timer !== null) {
      if (this.due <= at) return;
      clearTimeout(this.timer);
    }
    this.due = at;
    this.timer = setTimeout(() => { void this.layout(); }, at - now);
  }

  redraw(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.paint());
  }

  private async layout(): Promise<void> {
    this.timer = null;
    this.busy = true;
    this.again = false;
    const begun = performance.now();
    const path = (this.model.position === null ? this.given : null) ?? winning(this.model);
    this.options = { ...this.options, winning: new Set(path) };
    const rows = outline(this.model, this.options);
    this.took = performance.now() - begun;
    const places = await this.client.layout(rows.parent);
    this.busy = false;
    this.finished = performance.now();
    if (places) this.show(rows, places);
    if (this.again) this.layoutSoon(LIVE_PAUSE);
  }

  private show(rows: Outline, places: Float32Array): void {
    const before = this.scene;
    const anchor = this.anchor(before, rows);
    this.scene = new Scene(rows, places);
    this.facts = new Facts(this.scene, this.model);
    this.hovered = -1;
    this.view.suit(this.scene.bounds);
    if (anchor) this.view.pan(0, anchor.y - this.view.y(this.scene.y[anchor.row] as number));
    else this.place();
    this.finishReveal(rows);
    this.minimap.paint(this.scene, this.facts, this.palette, this.ratio);
    this.redraw();
    this.changed();
  }

  /** Bring the row into sight that was to be revealed; its record may have come only now, so open its way then. */
  private finishReveal(rows: Outline): void {
    const node = this.revealing;
    if (node === null) return;
    const row = rows.index.get(node);
    if (row !== undefined) {
      this.revealing = null;
      this.include(row);
    } else if (this.model.info(node)) {
      // What a filter leaves out stays out: try once.
      if (this.tried !== node) this.reveal(node);
      else this.revealing = null;
      this.tried = node;
    }
  }

  /** The row that stays where it is on screen: the selected one, else the one in the middle. */
  private anchor(before: Scene, rows: Outline): { row: number; y: number } | null {
    if (!this.placed || before.size === 0) return null;
    let old = this.row;
    if (old >= 0 && !this.onScreen(before, old)) old = -1;
    if (old < 0) {
      if (!this.touched) old = 0;
      else {
        const middle = this.view.worldX(this.view.width / 2) / (before.bounds.right || 1);
        const level = Math.round(middle * (before.columns.length - 1));
        old = before.nearest(Math.min(before.columns.length - 1, Math.max(0, level)), this.view.worldY(this.view.height / 2));
      }
    }
    while (old >= 0) {
      const row = rows.index.get(before.outline.ids[old] as number);
      if (row !== undefined) return { row, y: this.view.y(before.y[old] as number) };
      old = before.outline.parent[old] as number;
    }
    return null;
  }

  private onScreen(scene: Scene, row: number): boolean {
    const x = this.view.x(scene.x(row));
    const y = this.view.y(scene.y[row] as number);
    return x > -BOX_WIDTH * this.view.across() && x < this.view.width && y > 0 && y < this.view.height;
  }

  /** The first view: all of a small tree, else its root at the left in a readable size. */
  private place(): void {
    const { view, scene } = this;
    if (scene.size === 0 || view.width < 2) return;
    view.fit(scene.bounds);
    if (view.zoom < READABLE || scene.size < 4) {
      view.zoom = scene.size < 4 ? 1 : 0.85;
      view.left = 32;
      view.top = 48 - (scene.y[0] as number) * view.zoom;
    }
    this.placed = true;
  }

  private paint(): void {
    this.frame = 0;
    if (!this.ctx || this.view.width < 2) return;
    draw(this.ctx, this.frameOf(), this.ratio);
    this.minimap.show(this.view, this.palette, this.ratio);
    this.map.hidden = this.sees(this.scene.bounds);
    this.host.dataset["nodes"] = String(this.scene.size);
    this.host.dataset["version"] = String(this.model.version);
    this.host.dataset["total"] = String(this.model.size);
    this.host.dataset["zoom"] = this.view.zoom.toPrecision(3);
  }

  /** Whether all of a box is on screen: a map would only cover it. */
  private sees({ left, right, top, bottom }: Bounds): boolean {
    const { view } = this;
    return view.x(left) >= 0 && view.x(right) <= view.width && view.y(top) >= 0 && view.y(bottom) <= view.height;
  }

  private watch(): void {
    let position = this.model.position;
    this.stops.push(this.model.subscribe(() => {
      const moved = this.model.position !== position;
      position = this.model.position;
      if (moved) this.layoutSoon(DRAG_PAUSE);
      else this.layoutSoon(position === null ? LIVE_PAUSE : PAST_PAUSE);
    }));
    const sizes = new ResizeObserver(() => this.resize());
    sizes.observe(this.host);
    this.stops.push(() => sizes.disconnect());
    const recolour = () => {
      this.palette = readPalette(this.host);
      this.minimap.paint(this.scene, this.facts, this.palette, this.ratio);
      this.redraw();
    };
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", recolour);
    const theme = new MutationObserver(recolour);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class"] });
    this.stops.push(() => dark.removeEventListener("change", recolour), () => theme.disconnect());
    this.stops.push(watchGestures(this.canvas, this.view, () => {
      this.touched = true;
      this.redraw();
    }));
    this.resize();
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas.parentElement ?? this.host;
    const ratio = window.devicePixelRatio || 1;
    if (width === this.view.width && height === this.view.height && ratio === this.ratio) return;
    const { width: oldWidth, height: oldHeight } = this.view;
    this.ratio = ratio;
    this.canvas.width = Math.max(1, Math.round(width * ratio));
    this.canvas.height = Math.max(1, Math.round(height * ratio));
    this.view.width = width;
    this.view.height = height;
    if (this.placed && this.touched) this.view.pan((width - oldWidth) / 2, (height - oldHeight) / 2);
    else {
      // As long as nobody moved it, the picture is placed anew: the toolbar may only now have taken its room.
      this.place();
      if (this.row >= 0) this.include(this.row);
    }
    this.minimap.paint(this.scene, this.facts, this.palette, ratio);
    this.paint();
  }

  /** Move the view so that a point of the small map is in the middle of the screen. */
  goTo(mapX: number, mapY: number): void {
    const [x, y] = this.minimap.world(mapX, mapY);
    this.touched = true;
    this.view.pan(this.view.width / 2 - this.view.x(x), this.view.height / 2 - this.view.y(y));
    this.redraw();
  }
}
