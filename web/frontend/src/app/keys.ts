import { useEffect, useRef } from "preact/hooks";

/** What a key press means, away from text fields and dialogs. */
export type Command = { kind: "help" } | { kind: "runs" } | { kind: "theme" } | { kind: "tab"; index: number };

/** Milliseconds between the two keys of a sequence such as `g r`. */
const SEQUENCE_MS = 1200;

/** Reads single keys and sequences; `at` is a time in milliseconds. */
export class KeyReader {
  private since = -Infinity;

  read(key: string, at: number): Command | null {
    const behindG = at - this.since < SEQUENCE_MS;
    this.since = key === "g" ? at : -Infinity;
    if (behindG && key === "r") return { kind: "runs" };
    if (key === "?") return { kind: "help" };
    if (key === "t") return { kind: "theme" };
    if (/^[1-9]$/.test(key)) return { kind: "tab", index: Number(key) - 1 };
    return null;
  }
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.tagName === "TEXTAREA" || target.tagName === "SELECT") return true;
  return target instanceof HTMLInputElement && !["button", "checkbox", "radio", "range", "submit", "file"].includes(target.type);
}

/** Hear commands anywhere on the page. */
export function useKeys(on: (command: Command) => void): void {
  const latest = useRef(on);
  latest.current = on;
  useEffect(() => {
    const reader = new KeyReader();
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (typing(event.target) || document.querySelector("dialog[open]")) return;
      const command = reader.read(event.key, event.timeStamp);
      if (!command) return;
      event.preventDefault();
      latest.current(command);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}
