import type { ComponentChildren, JSX } from "preact";
import { useRef } from "preact/hooks";

/** A button that opens a small panel; Escape and leaving it close it. */
export function Menu(props: { title: string; active?: boolean; children: ComponentChildren }): JSX.Element {
  const details = useRef<HTMLDetailsElement>(null);
  const close = () => { if (details.current) details.current.open = false; };
  return (
    <details
      class="tree-menu" ref={details}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !details.current?.open) return;
        event.stopPropagation();
        close();
        details.current.querySelector("summary")?.focus();
      }}
      onFocusOut={(event) => {
        // A press on plain text inside moves the focus nowhere: only another element closes the panel.
        const next = event.relatedTarget;
        if (next instanceof Node && !details.current?.contains(next)) close();
      }}
    >
      <summary class={props.active ? "is-active" : ""}>{props.title}</summary>
      <div class="tree-menu-body">{props.children}</div>
    </details>
  );
}
