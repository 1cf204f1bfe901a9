import type { ComponentChildren, JSX } from "preact";
import type { Mode } from "../model/outline";
import { Menu } from "./Menu";

const MODES: [Mode, string, string][] = [
  ["proof", "Proof", "Only the winning path"],
  ["overview", "Overview", "Goals and accepted steps; refused steps are folded"],
  ["all", "Show all", "Every node of the search"],
];

/** What the shapes mean; the statuses explain themselves beside their counts. */
export function Legend(): JSX.Element {
  return (
    <Menu title="Legend">
      <ul class="tree-legend">
        <li><svg viewBox="0 0 44 18" aria-hidden="true"><rect x="1" y="1" width="42" height="16" rx="8" /></svg>goal: proved by one of its steps</li>
        <li><svg viewBox="0 0 44 18" aria-hidden="true"><rect x="1" y="1" width="42" height="16" rx="3" /></svg>step: needs all of its subgoals</li>
        <li><svg viewBox="0 0 44 18" aria-hidden="true"><rect x="1" y="3" width="42" height="12" rx="6" stroke-dasharray="2 3" /></svg>folded steps that were refused</li>
        <li><svg viewBox="0 0 44 18" aria-hidden="true"><path class="halo" d="M2 9H42" /><path class="won" d="M2 9H42" /></svg>part of the proof</li>
        <li><svg viewBox="0 0 44 18" aria-hidden="true"><path d="M2 9H34" stroke-dasharray="5 4" /><path class="tip" d="M42 9L34 5V13Z" /></svg>needs a goal that is drawn elsewhere</li>
      </ul>
      <p class="tree-muted">A box names its status, then the prover, the log-probability and the time of the check.</p>
    </Menu>
  );
}

interface Props {
  mode: Mode; proved: boolean; changed: boolean; onMode: (mode: Mode) => void; onReset: () => void; children: ComponentChildren;
}

export function Toolbar(props: Props): JSX.Element {
  return (
    <div class="tree-toolbar" role="group" aria-label="Tree">
      <div class="tree-modes" role="group" aria-label="What is shown">
        {MODES.map(([mode, text, title]) => (
          <button
            key={mode} type="button" title={title} aria-pressed={props.mode === mode} disabled={mode === "proof" && !props.proved}
            onClick={() => props.onMode(mode)}
          >{text}</button>
        ))}
      </div>
      {props.changed ? <button type="button" onClick={props.onReset} title="Forget what was opened and closed by hand">Reset folds</button> : null}
      {props.children}
    </div>
  );
}
