import { useEffect, useState } from "preact/hooks";
import { parseRoute, type Route } from "./routes";

const listeners = new Set<() => void>();

/** Go to another page; the browser's Back button returns. */
export function navigate(hash: string): void {
  if (location.hash === hash) return;
  location.hash = hash;
}

/** Change the address without a new entry in the browser's history: for a selection that moves. */
export function replaceHash(hash: string): void {
  if (location.hash === hash) return;
  history.replaceState(history.state, "", hash);
  for (const listener of [...listeners]) listener();
}

/** The route of the address, kept up to date. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const read = (): void => setHash(location.hash);
    listeners.add(read);
    addEventListener("hashchange", read);
    read();
    return () => {
      listeners.delete(read);
      removeEventListener("hashchange", read);
    };
  }, []);
  return parseRoute(hash);
}
