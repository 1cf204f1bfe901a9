import { type Source, SourceError } from "../api/source";
import { readLog } from "../api/paging";
import type { View } from "../api/types";
import { SearchModel } from "../model/search";

export interface SessionState {
  view: View | null;
  /** Why the view or its log could not be read. */
  error: unknown;
  /** The log is read to where it was when the page opened. */
  complete: boolean;
  following: boolean;
  /** The connection of a live search broke: since when it is tried again, and what the server says if it speaks. */
  lost: unknown;
}

const AGAIN_MS = 3000;

/**
 * A view with its search: reads both, and follows the search while somebody works on it.
 *
 * After the end the view is read again, so that the page is in the same state as after a reload.
 */
export class Session {
  readonly model = new SearchModel();
  state: SessionState = { view: null, error: null, complete: false, following: false, lost: null };
  private stop: (() => void) | null = null;
  private closed = false;
  /** Grows with every start: answers to earlier questions are dropped. */
  private turn = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly source: Pick<Source, "view" | "log" | "follow" | "info">,
    readonly id: string,
    private readonly changed: () => void,
  ) {}

  /** Begin, or begin again behind the last record that came. */
  async start(): Promise<void> {
    const mine = ++this.turn;
    clearTimeout(this.timer);
    const stale = (): boolean => this.closed || mine !== this.turn;
    this.stop?.();
    this.stop = null;
    this.set({ error: null, following: false });
    try {
      const [, last] = await Promise.all([this.readView(stale), this.readLog(stale)]);
      if (stale()) return;
      this.set({ complete: true, lost: null });
      if (this.state.view?.live) this.follow(Math.max(last, this.model.seq), stale);
    } catch (error) {
      if (stale()) return;
      if (this.state.view && error instanceof SourceError && error.status === 0) {
        // What came so far stays on screen, and goes on by itself when the server is there again.
        this.set({ lost: error });
        this.timer = setTimeout(() => void this.start(), AGAIN_MS);
      } else {
        this.set({ error, lost: null });
      }
    }
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.stop?.();
  }

  private async readView(stale: () => boolean): Promise<void> {
    const view = await this.source.view(this.id);
    if (!stale()) this.set({ view });
  }

  private readLog(stale: () => boolean): Promise<number> {
    return readLog(this.source, this.id, this.model.seq, (records) => this.model.apply(records), stale);
  }

  private follow(after: number, stale: () => boolean): void {
    this.set({ following: true });
    this.stop = this.source.follow(this.id, after, {
      records: (records) => { if (!stale()) this.model.apply(records); },
      done: () => { if (!stale()) void this.finish(stale); },
      lost: () => { if (!stale()) void this.ask(stale); },
      back: () => { if (!stale()) this.set({ lost: null }); },
    });
  }

  private async finish(stale: () => boolean): Promise<void> {
    try {
      await this.readView(stale);
      // Only now: whoever sees that the search is over sees what came of it.
      if (!stale()) this.set({ following: false });
      // Somebody took the search up again in between: follow that as well, but do not ask without pause.
      if (!stale() && this.state.view?.live) setTimeout(() => { if (!stale()) void this.start(); }, 1000);
    } catch (error) {
      if (!stale()) this.set({ following: false, lost: error });
    }
  }

  /** Find out why the connection broke: a server that refuses says what to do. */
  private async ask(stale: () => boolean): Promise<void> {
    try {
      await this.source.info();
    } catch (error) {
      if (!stale()) this.set({ lost: error });
    }
  }

  private set(part: Partial<SessionState>): void {
    this.state = { ...this.state, ...part };
    if (!this.closed) this.changed();
  }
}
