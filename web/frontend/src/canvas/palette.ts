import type { Status } from "../model/search";

/** The colours of a drawing, read from the page's tokens so that a change of theme changes them too. */
export interface Palette {
  bg: string; surface: string; raised: string; text: string; muted: string; border: string; edge: string; link: string;
  selection: string; halo: string; mark: string; accent: string;
  ink: Record<Status, string>;
  soft: Record<Status, string>;
  sans: string; mono: string;
}

const TOKEN: Record<Status, string> = {
  open: "open", proved: "proved", failed: "failed", irrelevant: "irrelevant", rejected: "rejected",
  "timed-out": "timeout", crashed: "crashed", "pruned-cycle": "pruned",
};

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  return palette((name) => style.getPropertyValue(`--${name}`).trim());
}

export function palette(token: (name: string) => string): Palette {
  const ink = {} as Record<Status, string>;
  const soft = {} as Record<Status, string>;
  for (const [status, name] of Object.entries(TOKEN) as [Status, string][]) {
    ink[status] = token(name) || "#555555";
    soft[status] = token(`${name}-soft`) || "#eeeeee";
  }
  return {
    bg: token("bg") || "#ffffff", surface: token("surface") || "#ffffff", raised: token("raised") || "#eeeeee",
    text: token("text") || "#111111", muted: token("muted") || "#555555", border: token("border") || "#cccccc",
    edge: token("strong-border") || "#888888", link: token("link") || "#bbbbbb", selection: token("selection") || "#1f4fb4",
    halo: token("halo") || "#ffd98a", mark: token("mark") || "#b4530a", accent: token("accent") || "#1f4fb4",
    ink, soft, sans: token("sans") || "sans-serif", mono: token("mono") || "monospace",
  };
}
