import { useCallback, useEffect, useRef, useState } from "preact/hooks";

export interface Loaded<T> {
  value: T | null;
  error: unknown;
  loading: boolean;
  /** Ask again, keeping the old value on screen until the answer is there. */
  reload: () => void;
}

/** Load something whenever `key` changes; answers that come too late are dropped. */
export function useLoad<T>(key: string, load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; value: T | null; error: unknown; loading: boolean }>(
    { key, value: null, error: null, loading: true },
  );
  const turn = useRef(0);
  const latest = useRef(load);
  latest.current = load;
  const start = useCallback(() => {
    const mine = ++turn.current;
    setState((old) => ({ key, value: old.key === key ? old.value : null, error: null, loading: true }));
    latest.current().then(
      (value) => { if (mine === turn.current) setState({ key, value, error: null, loading: false }); },
      (error: unknown) => {
        if (mine === turn.current) setState((old) => ({ key, value: old.key === key ? old.value : null, error, loading: false }));
      },
    );
  }, [key]);
  useEffect(() => {
    start();
    return () => { turn.current += 1; };
  }, [start]);
  const own = state.key === key;
  return { value: own ? state.value : null, error: own ? state.error : null, loading: !own || state.loading, reload: start };
}

/** Call something again and again while `on`, never while the page is hidden. */
export function useInterval(on: boolean, milliseconds: number, call: () => void): void {
  const latest = useRef(call);
  latest.current = call;
  useEffect(() => {
    if (!on) return undefined;
    const timer = setInterval(() => { if (!document.hidden) latest.current(); }, milliseconds);
    return () => clearInterval(timer);
  }, [on, milliseconds]);
}
