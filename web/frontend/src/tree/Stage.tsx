import type { JSX, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { labelOf } from "../canvas/label";
import { isPill } from "../model/family";
import type { TreeController } from "./controller";

interface Props {
  controller: TreeController | null;
  map: RefObject<HTMLCanvasElement | null>;
  area: RefObject<HTMLDivElement | null>;
  onPick: (id: number | null) => void;
}

interface Tip { title: string; facts: string; x: number; y: number }

/** What lies over the canvas: the label in full of what is pointed at, the small map, the zoom buttons. */
export function Stage({ controller, map, area, onPick }: Props): JSX.Element {
  const [tip, setTip] = useState<Tip | null>(null);
  const pick = useRef(onPick);
  pick.current = onPick;
  useEffect(() => (controller ? watchPointer(controller, area, (id) => pick.current(id), setTip) : undefined), [controller]);
  const drag = (event: PointerEvent) => {
    if (event.buttons !== 1 || !controller || !map.current) return;
    const box = map.current.getBoundingClientRect();
    controller.goTo(event.clientX - box.left, event.clientY - box.top);
  };
  return (
    <>
      {tip ? (
        <div class="tree-tip" style={{ left: `${tip.x}px`, top: `${tip.y}px` }} aria-hidden="true">
          <code>{tip.title}</code>
          <span>{tip.facts}</span>
        </div>
      ) : null}
      <canvas
        class="tree-map" ref={map} data-map aria-hidden="true"
        onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); drag(event); }} onPointerMove={drag}
      />
      <div class="tree-zoom" role="group" aria-label="Zoom">
        <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => controller?.zoomBy(1.4)}>+</button>
        <button type="button" aria-label="Zoom out" title="Zoom out (−)" onClick={() => controller?.zoomBy(1 / 1.4)}>−</button>
        <button type="button" title="Fit the tree to the window (0 or F)" onClick={() => controller?.fit()}>Fit</button>
      </div>
    </>
  );
}

function watchPointer(
  controller: TreeController, area: RefObject<HTMLDivElement | null>, onPick: (id: number | null) => void, setTip: (tip: Tip | null) => void,
): () => void {
  const { canvas } = controller;
  let shown = -1;
  const at = (event: MouseEvent) => {
    const box = canvas.getBoundingClientRect();
    return controller.hit(event.clientX - box.left, event.clientY - box.top);
  };
  const click = (event: MouseEvent) => {
    const found = at(event);
    const id = found ? controller.scene.outline.ids[found.row] ?? null : null;
    if (id !== null && (found?.toggle || isPill(id))) controller.toggle(id);
    if (id === null || isPill(id) || !found?.toggle) onPick(id);
  };
  // d3-zoom swallows the click that ends a drag, and the keys should work after one.
  const press = () => {
    leave();
    area.current?.focus({ preventScroll: true });
  };
  const twice = (event: MouseEvent) => {
    const found = at(event);
    const id = found && !found.toggle ? controller.scene.outline.ids[found.row] : undefined;
    if (id !== undefined && !isPill(id)) controller.toggle(id);
  };
  const move = (event: MouseEvent) => {
    const found = event.buttons === 0 ? at(event) : null;
    const row = found?.row ?? -1;
    controller.hover(row);
    canvas.style.cursor = found ? "pointer" : "";
    if (row === shown) return;
    shown = row;
    const id = row < 0 ? undefined : controller.scene.outline.ids[row];
    const label = id === undefined || isPill(id) ? null : labelOf(controller.model, id);
    setTip(label && { title: label.title, facts: label.facts, ...beside(controller, row) });
  };
  const leave = () => {
    shown = -1;
    controller.hover(-1);
    setTip(null);
  };
  const listeners: [string, (event: MouseEvent) => void][] = [
    ["click", click], ["dblclick", twice], ["mousemove", move], ["mouseleave", leave], ["pointerdown", press], ["wheel", leave],
  ];
  for (const [name, listener] of listeners) canvas.addEventListener(name, listener as EventListener, { passive: true });
  return () => { for (const [name, listener] of listeners) canvas.removeEventListener(name, listener as EventListener); };
}

/** Below a row, inside the stage. */
function beside({ view, scene }: TreeController, row: number): { x: number; y: number } {
  const x = Math.max(4, Math.min(view.width - 380, view.x(scene.x(row))));
  const y = view.y(scene.y[row] as number) + 20 * Math.max(0.4, view.zoom) + 4;
  return { x, y: y > view.height - 60 ? Math.max(4, y - 100) : y };
}
