import { EXPANDABLE, EXPANDED } from "../model/outline";
import type { Scene } from "../canvas/scene";

export type Command =
  | { kind: "go"; row: number } | { kind: "open" | "close"; row: number } | { kind: "toggle"; row: number }
  | { kind: "fit" } | { kind: "zoom"; factor: number } | { kind: "search" } | { kind: "play" }
  | { kind: "scrub"; by: number } | { kind: "clear" };

interface Press { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean }

/** What a key means in the tree with a row selected (-1 for none); null where it means nothing here. */
export function command(press: Press, scene: Scene, selected: number, winning: readonly number[]): Command | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  switch (press.key) {
    case "0": case "f": case "F": return { kind: "fit" };
    case "+": case "=": return { kind: "zoom", factor: 1.3 };
    case "-": return { kind: "zoom", factor: 1 / 1.3 };
    case "/": return { kind: "search" };
    case "p": case "P": return { kind: "play" };
    case "[": case ",": return { kind: "scrub", by: -1 };
    case "]": case ".": return { kind: "scrub", by: 1 };
    case "Escape": return selected < 0 ? null : { kind: "clear" };
  }
  if (scene.size === 0) return null;
  if (press.key === "w" || press.key === "W") return go(nextWinning(selected, winning));
  if (press.key === "Home" || (selected < 0 && /^(Arrow|Enter| |End)/.test(press.key))) return go(0);
  return selected < 0 ? null : move(press.key, scene, selected);
}

function move(key: string, scene: Scene, row: number): Command | null {
  const flags = scene.outline.flags[row] as number;
  const column = scene.columns[scene.outline.level[row] as number] as Int32Array;
  const at = scene.order[row] as number;
  switch (key) {
    case "ArrowRight":
      if (flags & EXPANDABLE && !(flags & EXPANDED)) return { kind: "open", row };
      return go(scene.firstChild[row]);
    case "ArrowLeft":
      return go(scene.outline.parent[row]) ?? (flags & EXPANDED ? { kind: "close", row } : null);
    case "ArrowUp": return go(column[at - 1]);
    case "ArrowDown": return go(column[at + 1]);
    case "End": return go(column[column.length - 1]);
    case "PageUp": return go(column[Math.max(0, at - 10)]);
    case "PageDown": return go(column[Math.min(column.length - 1, at + 10)]);
    case "Backspace": return flags & EXPANDED ? { kind: "close", row } : null;
    case "Enter": case " ": return { kind: "toggle", row };
    default: return null;
  }
}

/** The next row of the proof after a row, and the first after the last. */
function nextWinning(selected: number, winning: readonly number[]): number | undefined {
  return winning.find((row) => row > selected) ?? winning[0];
}

const go = (row: number | undefined): Command | null => (row === undefined || row < 0 ? null : { kind: "go", row });
