import type { JSX } from "preact";
import { GLYPH } from "../canvas/glyphs";
import { WORD } from "../canvas/label";
import { type SearchModel, STATUSES, type Status } from "../model/search";

export function Glyph({ status }: { status: Status }): JSX.Element {
  return (
    <svg class={`tree-glyph is-${status}`} viewBox="-6.5 -6.5 13 13" width="13" height="13" aria-hidden="true">
      <path d={GLYPH[status]} />
    </svg>
  );
}

/** The statuses with their counts: legend and filter in one. */
export function Chips(props: { model: SearchModel; without: ReadonlySet<Status>; onToggle: (status: Status) => void }): JSX.Element {
  const { counts } = props.model.meta;
  return (
    <div class="tree-chips" role="group" aria-label="Statuses">
      {STATUSES.filter((status) => counts[status] > 0 || props.without.has(status)).map((status) => (
        <button
          key={status} type="button" class={`tree-chip is-${status}`} aria-pressed={!props.without.has(status)}
          title={props.without.has(status) ? `Show ${WORD[status]} again` : `Filter out ${WORD[status]}`}
          onClick={() => props.onToggle(status)}
        >
          <Glyph status={status} />
          <span>{WORD[status]}</span>
          <b>{counts[status].toLocaleString("en")}</b>
        </button>
      ))}
    </div>
  );
}
