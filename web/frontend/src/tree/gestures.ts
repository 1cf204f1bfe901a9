import { pointer, pointers, select } from "d3-selection";
import { zoom, type D3ZoomEvent, type ZoomTransform, zoomIdentity } from "d3-zoom";
import { LEAST_ZOOM, MOST_ZOOM, type Viewport } from "../canvas/viewport";

/**
 * Wheel, drag and pinch by d3-zoom. Its transform has one scale for both axes, ours bends the horizontal one, so
 * only what a gesture changes is taken from it: the factor, around the pointer, and the way it moved.
 */
export function watchGestures(canvas: HTMLCanvasElement, view: Viewport, moved: () => void): () => void {
  let last: ZoomTransform = zoomIdentity;
  let centre: [number, number] | null = null;
  const behaviour = zoom<HTMLCanvasElement, unknown>()
    .clickDistance(4)
    .filter((event: MouseEvent) => (!event.ctrlKey || event.type === "wheel") && !event.button)
    .on("start", (event: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
      centre = null;
      last = event.transform;
    })
    .on("zoom", (event: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
      const { transform, sourceEvent } = event;
      const factor = transform.k / last.k;
      if (sourceEvent instanceof WheelEvent) {
        const [x, y] = pointer(sourceEvent, canvas);
        view.zoomAt(view.zoom * factor, x, y);
      } else if (typeof TouchEvent !== "undefined" && sourceEvent instanceof TouchEvent && sourceEvent.touches.length > 1) {
        const points = pointers(sourceEvent, canvas);
        const x = points.reduce((sum, point) => sum + point[0], 0) / points.length;
        const y = points.reduce((sum, point) => sum + point[1], 0) / points.length;
        if (centre) view.pan(x - centre[0], y - centre[1]);
        centre = [x, y];
        view.zoomAt(view.zoom * factor, x, y);
      } else {
        view.pan(transform.x - last.x, transform.y - last.y);
      }
      last = transform;
      moved();
    });
  // The limits are the view's own: d3's transform is only read for its changes.
  behaviour.scaleExtent([LEAST_ZOOM / MOST_ZOOM / 1e3, (MOST_ZOOM / LEAST_ZOOM) * 1e3]);
  const selection = select(canvas);
  selection.call(behaviour).on("dblclick.zoom", null);
  return () => { selection.on(".zoom", null); };
}
