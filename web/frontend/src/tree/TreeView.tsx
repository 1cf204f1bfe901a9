import type { JSX } from "preact";
import { useEffect, useId, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { spoken } from "../canvas/label";
import { isPill } from "../model/family";
import type { Filter } from "../model/filter";
import { EXPANDABLE, EXPANDED, type Mode } from "../model/outline";
import type { SearchModel, Status } from "../model/search";
import { Chips } from "./Chips";
import { TreeController } from "./controller";
import { exportPng, exportSvg } from "./export";
import { FilterMenu } from "./FilterMenu";
import { type Command, command } from "./keys";
import { type Finding, SearchBox } from "./SearchBox";
import { type Player, Slider } from "./Slider";
import { Stage } from "./Stage";
import { Legend, Toolbar } from "./Toolbar";

export interface TreeHandle { reveal(node: number): void; focus(): void; svg(): string; png(): Promise<Blob> }

export interface TreeProps {
  model: SearchModel;
  selected: number | null;
  onSelect: (node: number | null) => void;
  winning: number[] | null;
  label: string;
  /** Full text; labels are searched where it is absent. */
  search?: (text: string) => Promise<number[]>;
  handle?: (handle: TreeHandle) => void;
  slider?: boolean;
  live?: boolean;
}

/** The graph of a search as a tree that one can zoom, fold, filter, search and walk through by keyboard. */
export function TreeView(props: TreeProps): JSX.Element {
  const { model, label } = props;
  const [, refresh] = useReducer((count: number) => count + 1, 0);
  const [controller, setController] = useState<TreeController | null>(null);
  const [pill, setPill] = useState<number | null>(null);
  const [finding, setFinding] = useState<Finding | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const map = useRef<HTMLCanvasElement>(null);
  const area = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const player = useRef<Player | null>(null);
  const picked = useRef<{ all: Set<number>; last: number | null }>({ all: new Set(), last: null });
  const item = useId();

  useEffect(() => {
    if (!canvas.current || !map.current || !area.current) return;
    const made = new TreeController(model, canvas.current, area.current, map.current, () => refresh(null));
    setController(made);
    props.handle?.({
      reveal: (node) => made.reveal(node),
      focus: () => area.current?.focus({ preventScroll: true }),
      svg: () => exportSvg(made, label),
      png: () => exportPng(made),
    });
    return () => made.stop();
  }, [model]);

  useEffect(() => controller?.setWinning(props.winning), [controller, props.winning]);
  const chosen = pill ?? props.selected;
  useLayoutEffect(() => controller?.select(chosen), [controller, chosen]);
  useEffect(() => {
    if (!controller || props.selected === null) return;
    // What was picked here is on screen already; what came from outside, as a link, may be folded away.
    const { all, last } = picked.current;
    if (!all.has(props.selected)) {
      setPill(null);
      controller.reveal(props.selected);
    }
    if (props.selected === last) all.clear();
  }, [controller, props.selected]);
  useEffect(() => {
    const current = finding && finding.at >= 0 ? finding.nodes[finding.at] ?? null : null;
    controller?.setFound(new Set(finding?.nodes ?? []), current);
    if (current === null || !controller) return;
    pick(current);
    controller.reveal(current);
  }, [controller, finding]);
  useEffect(() => onSlash(input), []);

  const pick = (id: number | null) => {
    controller?.select(id); // at once: the next key may come before the next rendering
    if (id !== null && isPill(id)) {
      setPill(id);
      return;
    }
    setPill(null);
    if (id === props.selected) return;
    if (id !== null) picked.current.all.add(id);
    picked.current.last = id;
    props.onSelect(id);
  };

  const run = (made: TreeController, what: Command) => {
    const id = "row" in what ? made.scene.outline.ids[what.row] ?? null : null;
    switch (what.kind) {
      case "go": pick(id); made.include(what.row); break;
      case "open": if (id !== null) made.toggle(id, true); break;
      case "close": if (id !== null) made.toggle(id, false); break;
      case "toggle": if (id !== null) made.toggle(id); break;
      case "fit": made.fit(); break;
      case "zoom": made.zoomBy(what.factor); break;
      case "search": input.current?.focus(); break;
      case "play": player.current?.play(); break;
      case "scrub": player.current?.step(what.by); break;
      case "clear": pick(null); break;
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (!controller) return;
    const what = command(event, controller.scene, controller.row, controller.facts.winning);
    if (!what) return;
    event.preventDefault();
    event.stopPropagation();
    run(controller, what);
  };

  const options = controller?.options;
  const setFilter = (filter: Filter) => controller?.set({ filter });
  const toggleStatus = (status: Status) => {
    if (!options) return;
    const without = new Set(options.filter.without);
    if (!without.delete(status)) without.add(status);
    setFilter({ ...options.filter, without });
  };
  const setMode = (mode: Mode) => controller?.set({ mode, toggled: new Map() });
  return (
    <section class="tree" aria-label={label}>
      {options ? (
        <Toolbar
          mode={options.mode} proved={options.winning.size > 0} changed={options.toggled.size > 0} onMode={setMode}
          onReset={() => controller?.set({ toggled: new Map() })}
        >
          <SearchBox
            model={model} search={props.search} input={input} finding={finding} onFinding={setFinding}
            onLeave={() => area.current?.focus()} label={label}
          />
          <FilterMenu
            model={model} filter={options.filter} hide={options.hide} onFilter={setFilter}
            onHide={(hide) => controller?.set({ hide })}
          />
          <Legend />
          <Chips model={model} without={options.filter.without} onToggle={toggleStatus} />
        </Toolbar>
      ) : null}
      <div class="tree-stage">
        <div
          class="tree-area" ref={area} tabIndex={0} role="tree" aria-label={label} onKeyDown={onKeyDown}
          {...(controller && controller.row >= 0 ? { "aria-activedescendant": item } : {})}
        >
          <canvas ref={canvas} data-tree aria-hidden="true" />
          <Item id={item} controller={controller} />
        </div>
        {controller && controller.scene.size === 0 ? <p class="tree-empty">Nothing recorded yet.</p> : null}
        <Stage controller={controller} map={map} area={area} onPick={pick} />
      </div>
      {props.slider ? <Slider model={model} live={props.live ?? false} version={model.version} player={player} /> : null}
    </section>
  );
}

/** The selected row for a screen reader: the canvas says nothing to it. */
function Item({ id, controller }: { id: string; controller: TreeController | null }): JSX.Element {
  const scene = controller?.scene;
  const row = controller ? Math.max(0, controller.row) : -1;
  if (!controller || !scene || row < 0 || row >= scene.size) {
    return <div class="tree-hidden" role="treeitem" id={id} aria-selected="false">nothing recorded yet</div>;
  }
  const { outline } = scene;
  const flags = outline.flags[row] as number;
  const parent = outline.parent[row] as number;
  const column = scene.columns[outline.level[row] as number] as Int32Array;
  const first = parent < 0 ? row : scene.firstChild[parent] as number;
  const last = parent < 0 ? row : scene.lastChild[parent] as number;
  const place = (of: number) => scene.order[of] as number;
  return (
    <div
      class="tree-hidden" role="treeitem" id={id} aria-level={(outline.level[row] as number) + 1} aria-selected={controller.row === row}
      aria-posinset={place(row) - place(first) + 1} aria-setsize={Math.min(column.length, place(last) - place(first) + 1)}
      {...(flags & EXPANDABLE ? { "aria-expanded": (flags & EXPANDED) !== 0 } : {})}
    >
      {spoken(controller.model, outline.ids[row] as number)}
    </div>
  );
}

/** The slash goes to the search box from anywhere on the page where one does not type. */
function onSlash(input: { current: HTMLInputElement | null }): () => void {
  const listen = (event: KeyboardEvent) => {
    const target = event.target instanceof Element ? event.target : null;
    if (event.key !== "/" || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target?.closest("input, textarea, select, [contenteditable], dialog") || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    input.current?.focus();
  };
  document.addEventListener("keydown", listen);
  return () => document.removeEventListener("keydown", listen);
}
