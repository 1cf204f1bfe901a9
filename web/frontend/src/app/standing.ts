import type { Replay, Verdict, View } from "../api/types";
import type { Sign } from "./icon";

/**
 * What stands behind a verdict on this page.
 *
 * A search of this store was verified when it ended. A certificate is only a claim until it is replayed: anybody can write one. An
 * exported page cannot check anything.
 */
export type Standing = "verified" | "claimed" | "valid" | "invalid";

export function standing(view: View, exported: boolean, replayed: Replay | null): Standing {
  if (replayed) return replayed.valid ? "valid" : "invalid";
  return view.kind === "task" && !exported ? "verified" : "claimed";
}

/** How a verdict is told. */
export function told(verdict: Verdict, stands: Standing): { sign: Sign; word: string } {
  if (stands === "claimed") return { sign: "pending", word: `claims ${verdict}` };
  if (stands === "invalid") return { sign: "error", word: "not valid" };
  return { sign: verdict, word: verdict };
}
