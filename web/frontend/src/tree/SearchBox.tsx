import type { JSX, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { spoken } from "../canvas/label";
import type { SearchModel } from "../model/search";

export interface Finding { nodes: number[]; at: number }

interface Props {
  model: SearchModel;
  search: ((text: string) => Promise<number[]>) | undefined;
  input: RefObject<HTMLInputElement | null>;
  finding: Finding | null;
  onFinding: (finding: Finding | null) => void;
  onLeave: () => void;
  /** What is searched, for screen readers. */
  label: string;
}

/** Find nodes by their text: Enter and Shift+Enter go through the matches. */
export function SearchBox({ model, search, input, finding, onFinding, onLeave, label }: Props): JSX.Element {
  const [text, setText] = useState("");
  const asked = useRef("");
  useEffect(() => {
    const query = text.trim();
    asked.current = query;
    if (!query) {
      onFinding(null);
      return;
    }
    const timer = setTimeout(() => {
      void find(model, query, search).then((nodes) => {
        if (asked.current === query) onFinding({ nodes, at: -1 });
      });
    }, 150);
    return () => clearTimeout(timer);
  }, [text, model]);

  const go = (by: number) => {
    if (!finding || finding.nodes.length === 0) return;
    const count = finding.nodes.length;
    const at = finding.at < 0 ? (by > 0 ? 0 : count - 1) : (finding.at + by + count) % count;
    onFinding({ ...finding, at });
  };
  const at = finding?.nodes[finding.at];
  return (
    <div class="tree-search" role="search" aria-label={label}>
      <input
        ref={input} type="search" value={text} placeholder="Find goals and steps" aria-label="Find goals and steps"
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            event.preventDefault();
            go(event.shiftKey ? -1 : 1);
          } else if (event.key === "Escape") {
            event.stopPropagation();
            if (text) setText("");
            else onLeave();
          }
        }}
      />
      <span class="tree-count" role="status">{countText(finding)}{at === undefined ? null : <span class="tree-hidden">{`: ${spoken(model, at)}`}</span>}</span>
      <button type="button" aria-label="Previous match" disabled={!finding?.nodes.length} onClick={() => go(-1)}>↑</button>
      <button type="button" aria-label="Next match" disabled={!finding?.nodes.length} onClick={() => go(1)}>↓</button>
    </div>
  );
}

function countText(finding: Finding | null): string {
  if (!finding) return "";
  if (finding.nodes.length === 0) return "no match";
  return finding.at < 0 ? `${finding.nodes.length} found` : `${finding.at + 1} of ${finding.nodes.length}`;
}

async function find(model: SearchModel, query: string, search: Props["search"]): Promise<number[]> {
  if (search) {
    try {
      return (await search(query)).filter((node) => model.info(node) !== undefined);
    } catch {
      // The server does not answer: the labels are here.
    }
  }
  return findLabels(model, query);
}

/** Nodes whose label or prover contains a text, whatever its case. */
export function findLabels(model: SearchModel, query: string): number[] {
  const wanted = query.toLowerCase();
  const nodes: number[] = [];
  for (const info of model.nodes()) {
    if (info.label.toLowerCase().includes(wanted) || (info.kind === "step" && info.prover.toLowerCase() === wanted)) nodes.push(info.node);
  }
  return nodes;
}
