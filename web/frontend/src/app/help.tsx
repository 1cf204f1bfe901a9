import { useEffect, useRef } from "preact/hooks";

const KEYS: readonly { title: string; keys: readonly [keys: string, what: string][] }[] = [
  {
    title: "Everywhere",
    keys: [
      ["?", "This help"],
      ["g r", "List of runs"],
      ["t", "Theme: system, light, dark"],
      ["1 … 6", "Tabs of the panel, from the left"],
      ["Tab", "Next control; the tree is one of them"],
    ],
  },
  {
    title: "Time, in the tree",
    keys: [
      ["[ ] or , .", "One record back or on"],
      ["P", "Play or pause"],
    ],
  },
  {
    title: "Counterexample",
    keys: [
      ["← →", "Step back or on"],
      ["Home, End", "First or last step"],
    ],
  },
  {
    title: "In the tree",
    keys: [
      ["→", "Open, or go to the first child"],
      ["←", "Close, or go to the parent"],
      ["↑ ↓", "Node above or below"],
      ["Home, End", "Root goal; last node of the column"],
      ["PgUp, PgDn", "Ten nodes up or down"],
      ["Backspace, Esc", "Close the node; select nothing"],
      ["Enter, Space", "Open or close a node or a pill of rejected steps"],
      ["W", "Next node of the proof"],
      ["F, 0", "Fit the tree into the window"],
      ["+ −", "Zoom"],
      ["/", "Search box; Enter and Shift+Enter go through what was found"],
    ],
  },
];

/** All keys, in a modal dialog: the browser keeps the focus in it and closes it on Esc. */
export function HelpDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
  }, []);
  const close = (): void => dialog.current?.close();
  return (
    <dialog
      ref={dialog} class="help" aria-labelledby="help-title" onClose={onClose}
      onClick={(event) => { if (event.target === dialog.current) close(); }}
    >
      <div class="help-body">
        <header class="help-head">
          <h2 id="help-title">Keys</h2>
          <button type="button" class="small" onClick={close}>Close</button>
        </header>
        <div class="help-groups">
          {KEYS.map((group) => (
            <section key={group.title}>
              <h3>{group.title}</h3>
              <dl>
                {group.keys.map(([keys, what]) => (
                  <div key={keys}>
                    <dt><kbd>{keys}</kbd></dt>
                    <dd>{what}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </div>
    </dialog>
  );
}
