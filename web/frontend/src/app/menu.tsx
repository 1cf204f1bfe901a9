import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** Something that opens over the page; a press elsewhere or Esc closes it. */
export function Menu({ head, children, class: name = "" }: { head: ComponentChildren; children: ComponentChildren; class?: string }) {
  const box = useRef<HTMLDetailsElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!open) return undefined;
    const press = (event: PointerEvent): void => {
      if (box.current && !event.composedPath().includes(box.current)) box.current.open = false;
    };
    const key = (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || !box.current) return;
      box.current.open = false;
      box.current.querySelector("summary")?.focus();
    };
    document.addEventListener("pointerdown", press);
    document.addEventListener("keydown", key);
    return () => {
      document.removeEventListener("pointerdown", press);
      document.removeEventListener("keydown", key);
    };
  }, [open]);
  return (
    <details class={`menu ${name}`} ref={box} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{head}</summary>
      <div class="menu-body">{open && children}</div>
    </details>
  );
}
