import { draw } from "../canvas/draw";
import { BOX_HEIGHT, BOX_WIDTH } from "../canvas/measures";
import { MOST_ROWS, rowsOf, svg } from "../canvas/svg";
import { Viewport } from "../canvas/viewport";
import type { TreeController } from "./controller";

/** Pixels along a side of a picture: what browsers still make. */
const MOST_PIXELS = 8192;
const MARGIN = 20;

export function exportSvg(controller: TreeController, title: string): string {
  const frame = controller.frameOf();
  return svg(frame, rowsOf(frame), title);
}

/** The same as a picture: the whole tree, or what is on screen where there is too much of it. */
export async function exportPng(controller: TreeController): Promise<Blob> {
  const frame = { ...controller.frameOf(), hovered: -1, selected: -1 };
  const { bounds } = frame.scene;
  if (frame.scene.size <= MOST_ROWS) {
    const view = new Viewport();
    view.width = bounds.right - bounds.left + 2 * MARGIN + BOX_WIDTH / 6;
    view.height = bounds.bottom - bounds.top + 2 * MARGIN + BOX_HEIGHT;
    view.left = MARGIN - bounds.left;
    view.top = MARGIN + BOX_HEIGHT / 2 - bounds.top;
    frame.view = view;
  }
  const ratio = Math.min(2, MOST_PIXELS / frame.view.width, MOST_PIXELS / frame.view.height);
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(frame.view.width * ratio);
  canvas.height = Math.ceil(frame.view.height * ratio);
  const ctx = canvas.getContext("2d", { alpha: false });
  if (!ctx) throw new Error("This browser draws no pictures.");
  draw(ctx, frame, ratio);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture is too large."))), "image/png");
  });
}
