import { useEffect, useState } from "preact/hooks";
import { recall, remember } from "./storage";

export type Theme = "system" | "light" | "dark";
const ORDER: readonly Theme[] = ["system", "light", "dark"];

export function nextTheme(theme: Theme): Theme {
  return ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length] as Theme;
}

/** Make the page light or dark; `system` leaves it to the media query in tokens.css. */
export function applyTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
}

export function savedTheme(): Theme {
  const found = recall("theme");
  return ORDER.find((theme) => theme === found) ?? "system";
}

export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState(savedTheme);
  useEffect(() => applyTheme(theme), [theme]);
  const change = (): void => {
    setTheme((old) => {
      const fresh = nextTheme(old);
      remember("theme", fresh);
      return fresh;
    });
  };
  return [theme, change];
}
