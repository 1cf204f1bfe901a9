import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { recall, remember } from "../app/storage";

const LEAST = 20;
const MOST = 80;
const STEP = 4;

function saved(): number {
  const value = Number(recall("split") ?? "");
  return value >= LEAST && value <= MOST ? value : 58;
}

/** Two parts side by side with a border that pointer and arrow keys move; one under the other where the window is narrow. */
export function Split({ left, right }: { left: ComponentChildren; right: ComponentChildren }) {
  const [share, setShare] = useState(saved);
  const box = useRef<HTMLDivElement>(null);
  const set = (value: number): void => {
    const clean = Math.min(MOST, Math.max(LEAST, Math.round(value * 10) / 10));
    setShare(clean);
    remember("split", String(clean));
  };
  const drag = (event: PointerEvent): void => {
    const handle = event.currentTarget as HTMLElement;
    if (event.type === "pointerdown") {
      handle.setPointerCapture(event.pointerId);
      event.preventDefault();
      handle.focus();
    } else if (handle.hasPointerCapture(event.pointerId) && box.current) {
      const bounds = box.current.getBoundingClientRect();
      set((100 * (event.clientX - bounds.left)) / bounds.width);
    }
  };
  const press = (event: KeyboardEvent): void => {
    const to = { ArrowLeft: share - STEP, ArrowRight: share + STEP, Home: LEAST, End: MOST }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    set(to);
  };
  return (
    <div class="split" ref={box} style={{ "--share": `${share}fr`, "--rest": `${100 - share}fr` }}>
      <div class="split-left">{left}</div>
      <div
        class="splitter" role="separator" tabIndex={0} aria-orientation="vertical" aria-label="Border between tree and panel"
        aria-valuenow={Math.round(share)} aria-valuemin={LEAST} aria-valuemax={MOST}
        onPointerDown={drag} onPointerMove={drag} onKeyDown={press}
      />
      <div class="split-right">{right}</div>
    </div>
  );
}
