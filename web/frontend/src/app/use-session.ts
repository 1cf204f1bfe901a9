import { useEffect, useReducer, useState } from "preact/hooks";
import type { Source } from "../api/source";
import type { SearchModel } from "../model/search";
import { Session } from "./session";

/** Panels follow a search at this pace; the tree has its own. */
const PANEL_MS = 200;

export function useSession(source: Source, id: string): Session {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [session, setSession] = useState(() => new Session(source, id, () => redraw(null)));
  useEffect(() => {
    const mine = session.id === id && !session.state.view ? session : new Session(source, id, () => redraw(null));
    setSession(mine);
    void mine.start();
    return () => mine.close();
  }, [source, id]);
  return session;
}

/** Draw again when the model changed, but not more often than a person can read. */
export function useModel(model: SearchModel): number {
  const [version, setVersion] = useState(model.version);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    let last = 0;
    const show = (): void => {
      timer = null;
      last = performance.now();
      setVersion(model.version);
    };
    const heard = (): void => {
      timer ??= setTimeout(show, Math.max(0, PANEL_MS - (performance.now() - last)));
    };
    const stop = model.subscribe(heard);
    show();
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [model]);
  return version;
}
