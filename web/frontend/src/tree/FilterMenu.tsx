import type { JSX } from "preact";
import { type Filter, isActive, NO_FILTER } from "../model/filter";
import type { SearchModel } from "../model/search";
import { Menu } from "./Menu";

interface Props { model: SearchModel; filter: Filter; hide: boolean; onFilter: (filter: Filter) => void; onHide: (hide: boolean) => void }

/** Provers, depths and scores to ask for. */
export function FilterMenu({ model, filter, hide, onFilter, onHide }: Props): JSX.Element {
  const provers = Object.keys(model.meta.perProver);
  const active = isActive(filter);
  const toggle = (name: string) => {
    const withoutProvers = new Set(filter.withoutProvers);
    if (!withoutProvers.delete(name)) withoutProvers.add(name);
    onFilter({ ...filter, withoutProvers });
  };
  return (
    <Menu title={active ? "Filter · on" : "Filter"} active={active}>
      <fieldset>
        <legend>Provers</legend>
        {provers.length === 0 ? <p class="tree-none">No step yet.</p> : provers.map((name) => (
          <label key={name}>
            <input type="checkbox" checked={!filter.withoutProvers.has(name)} onChange={() => toggle(name)} /> {name}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>Depth and score</legend>
        <NumberField label="Depth from" value={filter.minDepth} least={0} step={1} onValue={(minDepth) => onFilter({ ...filter, minDepth })} />
        <NumberField label="Depth to" value={filter.maxDepth} least={0} step={1} onValue={(maxDepth) => onFilter({ ...filter, maxDepth })} />
        <NumberField label="Log-probability from" value={filter.minScore} step={0.5} onValue={(minScore) => onFilter({ ...filter, minScore })} />
      </fieldset>
      <fieldset>
        <legend>What does not match</legend>
        <label><input type="radio" name="tree-hide" checked={!hide} onChange={() => onHide(false)} /> is dimmed</label>
        <label><input type="radio" name="tree-hide" checked={hide} onChange={() => onHide(true)} /> is left out</label>
      </fieldset>
      <button type="button" disabled={!active} onClick={() => onFilter(NO_FILTER)}>Clear the filter</button>
    </Menu>
  );
}

interface NumberProps { label: string; value: number | null; least?: number; step: number; onValue: (value: number | null) => void }

function NumberField({ label, value, least, step, onValue }: NumberProps): JSX.Element {
  return (
    <label class="tree-number">
      <span>{label}</span>
      <input
        type="number" min={least ?? ""} step={step} value={value ?? ""}
        onInput={(event) => {
          const number = event.currentTarget.valueAsNumber;
          onValue(Number.isFinite(number) ? number : null);
        }}
      />
    </label>
  );
}
