import type { Source } from "../api/source";
import type { View } from "../api/types";
import { ErrorNote } from "../app/error";
import { useNode } from "../app/nodes";
import type { SearchModel } from "../model/search";
import { GoalDetails } from "./goal-goal";
import { StepDetails } from "./goal-step";
import { NodeLink } from "./goal-text";

export interface GoalPanelProps {
  view: View;
  source: Source;
  model: SearchModel;
  /** Of the model: what is shown depends on its statuses. */
  version: number;
  number: number | null;
  /** The log is read to its end, so what is not there now does not exist. */
  complete: boolean;
  onSelect: (node: number) => void;
}

/** The goal or the step that is selected, in full. */
export function GoalPanel(p: GoalPanelProps) {
  const info = p.number === null ? undefined : p.model.info(p.number);
  const edition = info?.kind === "goal" ? info.steps.length : 0;
  const known = info !== undefined || p.complete;
  const { node, error, reload } = useNode(p.source, p.view.id, p.model.meta.started, known ? p.number : null, edition);

  if (p.number === null) return <p class="empty">{p.complete ? "No goal was recorded in this search." : "Waiting for the first goal…"}</p>;
  if (error !== null) {
    return (
      <>
        <ErrorNote error={error} retry={reload} />
        {p.model.root !== undefined && p.model.root !== p.number && (
          <p><NodeLink view={p.view.id} node={p.model.root} onSelect={p.onSelect}>Go to the root goal</NodeLink></p>
        )}
      </>
    );
  }
  if (!node) return <p class="empty" aria-busy="true">Reading node {p.number}…</p>;
  if (node.kind === "goal") return <GoalDetails key={p.number} {...p} goal={node} />;
  return <StepDetails key={p.number} {...p} step={node} />;
}
