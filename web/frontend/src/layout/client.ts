import { tidy } from "./tidy";
import type { LayoutAnswer, LayoutRequest } from "./worker";

/** A layout smaller than this takes less time than a message to the worker and back. */
const SMALL = 300;

/**
 * Lays trees out in a worker, or in the page where there is none (a page opened from a file). Only the answer to
 * the latest request is given; earlier ones resolve to null.
 */
export class LayoutClient {
  private worker: Worker | null;
  private latest = 0;
  private waiting: { id: number; parent: Int32Array; resolve: (places: Float32Array | null) => void } | null = null;

  constructor(make: () => Worker | null = layoutWorker) {
    this.worker = make();
    if (!this.worker) return;
    this.worker.onmessage = (event: MessageEvent<LayoutAnswer>) => this.answered(event.data);
    this.worker.onerror = () => this.withoutWorker();
  }

  layout(parent: Int32Array): Promise<Float32Array | null> {
    const id = ++this.latest;
    this.waiting?.resolve(null);
    this.waiting = null;
    if (!this.worker || parent.length < SMALL) return Promise.resolve(tidy(parent));
    return new Promise((resolve) => {
      this.waiting = { id, parent, resolve };
      this.worker?.postMessage({ id, parent } satisfies LayoutRequest);
    });
  }

  stop(): void {
    this.waiting?.resolve(null);
    this.waiting = null;
    this.worker?.terminate();
    this.worker = null;
  }

  private answered({ id, places }: LayoutAnswer): void {
    if (this.waiting?.id !== id) return;
    this.waiting.resolve(places);
    this.waiting = null;
  }

  /** The worker did not load: do its work here. */
  private withoutWorker(): void {
    this.worker?.terminate();
    this.worker = null;
    if (!this.waiting) return;
    this.waiting.resolve(tidy(this.waiting.parent));
    this.waiting = null;
  }
}

function layoutWorker(): Worker | null {
  if (typeof Worker === "undefined" || location.protocol === "file:") return null;
  try {
    return new Worker("layout.js");
  } catch {
    return null; // forbidden here, as in a sandboxed frame
  }
}
