import type { Verdict } from "../api/types";
import { GLYPH } from "../canvas/glyphs";
import type { Status } from "../model/search";

/** A sign is never alone: the word stands beside it. Signs of statuses are those of the tree. */
export type Sign = Status | Verdict | "running" | "pending";

const SIGN: Record<Sign, string> = {
  ...GLYPH,
  disproved: "M-3.6-3.6L3.6 3.6M3.6-3.6L-3.6 3.6",
  unknown: "M-2.4-2.2A2.5 2.5 0 1 1 .6.1Q0 .5 0 1.6M0 4.2L0 4.4",
  error: "M0-4.6L0 1.2M0 4L0 4.2",
  running: "M4.4 0A4.4 4.4 0 1 1 0-4.4",
  pending: "M-3.6 0L-3.4 0M-.1 0L.1 0M3.4 0L3.6 0",
};

const WORD: Partial<Record<Sign, string>> = {
  running: "at work", "timed-out": "timed out", "pruned-cycle": "circular", pending: "no verdict",
};

export function signWord(sign: Sign): string {
  return WORD[sign] ?? sign;
}

export function Icon({ sign }: { sign: Sign }) {
  return (
    <svg class="icon" viewBox="-6 -6 12 12" width="12" height="12" aria-hidden="true" focusable="false">
      <path d={SIGN[sign]} fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}

/** Sign and word, in the colour of what they say; `word` in place of the sign's own. */
export function Badge({ sign, large, word }: { sign: Sign; large?: boolean; word?: string }) {
  return (
    <span class={`badge is-${sign}${large ? " large" : ""}`}>
      <Icon sign={sign} />
      <span>{word ?? signWord(sign)}</span>
    </span>
  );
}
