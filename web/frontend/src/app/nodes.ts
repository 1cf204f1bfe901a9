import { useEffect, useRef, useState } from "preact/hooks";
import type { Source } from "../api/source";
import type { Node } from "../api/types";

const KEPT = 300;
/** A goal of a live search gets steps all the time: ask for it again at this pace at most. */
const AGAIN_MS = 1000;
const RETRY_MS = 3000;

export interface NodeState { node: Node | null; error: unknown; reload: () => void }

/** The texts of nodes, kept for a while; `edition` grows when a node has more to tell, such as new steps of a goal. */
export class NodeCache {
  private readonly kept = new Map<string, { edition: number; node: Node }>();

  get(key: string): { edition: number; node: Node } | undefined {
    const found = this.kept.get(key);
    if (found) {
      this.kept.delete(key);
      this.kept.set(key, found);
    }
    return found;
  }

  put(key: string, edition: number, node: Node): void {
    this.kept.delete(key);
    this.kept.set(key, { edition, node });
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value as string);
  }
}

/**
 * The node's texts. An older edition stays on screen until the newer one is there.
 *
 * Args: `attempt` tells the attempts of a search apart, since each numbers its nodes anew.
 */
export function useNode(source: Source, view: string, attempt: number, number: number | null, edition: number): NodeState {
  const cache = useRef(new NodeCache());
  const asked = useRef(0);
  const [turn, setTurn] = useState(0);
  const [failed, setFailed] = useState<{ key: string; error: unknown } | null>(null);
  const key = `${view}/${attempt}/${number}`;
  const kept = number === null ? undefined : cache.current.get(key);
  const fresh = kept !== undefined && kept.edition >= edition;
  useEffect(() => {
    if (number === null || fresh) return undefined;
    let dropped = false;
    const wait = kept ? Math.max(0, AGAIN_MS - (performance.now() - asked.current)) : 0;
    let timer: ReturnType<typeof setTimeout>;
    const load = (): void => {
      asked.current = performance.now();
      source.node(view, number).then(
        (node) => {
          cache.current.put(key, edition, node);
          if (!dropped) setFailed(null);
          if (!dropped) setTurn((old) => old + 1);
        },
        (error: unknown) => {
          if (dropped) return;
          setFailed({ key, error });
          // What is on screen is old: try again without being asked. Where nothing is, the reader has a button.
          if (kept) timer = setTimeout(load, RETRY_MS);
        },
      );
    };
    timer = setTimeout(load, wait);
    return () => {
      dropped = true;
      clearTimeout(timer);
    };
  }, [source, key, edition, fresh, turn]);
  return {
    node: kept?.node ?? null,
    error: failed?.key === key && !kept ? failed.error : null,
    reload: () => { setFailed(null); setTurn((old) => old + 1); },
  };
}
