import { goalOfPill, isPill } from "../model/family";
import { refusedOf } from "../model/outline";
import type { NodeInfo, SearchModel, Status } from "../model/search";

export const WORD: Record<Status, string> = {
  open: "open", proved: "proved", failed: "failed", irrelevant: "irrelevant", rejected: "rejected",
  "timed-out": "timed out", crashed: "crashed", "pruned-cycle": "cycle",
};

/** What a box says: its text, and a line below with its status and its facts. */
export interface Label { title: string; facts: string; status: Status; shape: "goal" | "step" | "pill" }

export function labelOf(model: SearchModel, id: number): Label | null {
  if (isPill(id)) {
    const counts = pillCounts(model, goalOfPill(id));
    const status = (["rejected", "timed-out", "crashed"] as const).find((name) => counts[name]) ?? "rejected";
    return { title: pillText(counts), facts: "", status, shape: "pill" };
  }
  const info = model.info(id);
  if (!info) return null;
  const title = info.label || (info.kind === "goal" ? "(empty goal)" : "(empty step)");
  return { title, facts: [WORD[info.status], ...factsOf(info)].join(" · "), status: info.status, shape: info.kind };
}

type PillCounts = Partial<Record<Status, number>>;

function pillCounts(model: SearchModel, goal: number): PillCounts {
  const counts: PillCounts = {};
  for (const step of refusedOf(model, goal)) counts[step.status] = (counts[step.status] ?? 0) + 1;
  return counts;
}

function pillText(counts: PillCounts): string {
  return (Object.entries(counts) as [Status, number][]).map(([status, count]) => `${count} ${WORD[status]}`).join(" · ");
}

function factsOf(info: NodeInfo): string[] {
  if (info.kind === "goal") {
    const steps = info.steps.length === 1 ? "1 step" : `${info.steps.length} steps`;
    return info.users.length > 1 ? [steps, `shared by ${info.users.length}`] : [steps];
  }
  const facts = [info.prover];
  if (info.score !== null) facts.push(scoreText(info.score));
  facts.push(info.cached ? "cached" : secondsText(info.seconds));
  return facts;
}

/** A log-probability, with a true minus sign. */
export function scoreText(score: number): string {
  return Math.abs(score).toFixed(2).replace(/^/, score < 0 ? "−" : "");
}

export function secondsText(seconds: number): string {
  if (seconds < 0.0095) return `${(seconds * 1000).toFixed(1)} ms`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  return seconds < 100 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

/** What a screen reader says of a row. */
export function spoken(model: SearchModel, id: number): string {
  if (isPill(id)) return `folded steps: ${pillText(pillCounts(model, goalOfPill(id)))}`;
  const info = model.info(id);
  if (!info) return "";
  if (info.kind === "goal") return `goal ${info.label}, ${WORD[info.status]}, ${factsOf(info).join(", ")}`;
  return `step ${info.label}, ${WORD[info.status]}, by ${factsOf(info).join(", ")}`;
}

/** Cut a text to a width in characters: labels are set in a type of one width. */
export function cut(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, Math.max(0, characters - 1)).trimEnd()}…`;
}
