import type { LogRecord } from "./types";

/** Who hears of a search while it goes on. */
export interface Followed {
  records(records: LogRecord[]): void;
  /** Nobody works on it any more; the stream is closed. */
  done(): void;
  /** The connection broke; it is tried again. */
  lost(): void;
  /** The connection stands again. */
  back(): void;
}

/** The part of `EventSource` that is used here. */
export interface Stream {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}
export type OpenStream = (url: string) => Stream;

const CLOSED = 2;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 10_000;

/**
 * Follow a stream of records and never lose or repeat one.
 *
 * A browser takes up a broken `EventSource` by itself, but gives it up for good on an answer that is not 200; then a new one is opened
 * behind the last record that came. What was received already is dropped by its sequence number.
 */
export function followEvents(open: (after: number) => Stream, after: number, on: Followed): () => void {
  let last = after;
  let stopped = false;
  let lost = false;
  let wait = FIRST_WAIT_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stream: Stream;

  const stands = (): void => {
    wait = FIRST_WAIT_MS;
    if (lost) {
      lost = false;
      on.back();
    }
  };
  const start = (): void => {
    const mine = open(last);
    stream = mine;
    const listen = (type: string, heard: (event: MessageEvent<string>) => void): void => {
      mine.addEventListener(type, (event) => {
        if (!stopped && stream === mine) heard(event);
      });
    };
    listen("open", stands);
    listen("records", (event) => {
      stands();
      const fresh = read(event.data).filter((record) => record.seq > last);
      if (fresh.length === 0) return;
      last = (fresh.at(-1) as LogRecord).seq;
      on.records(fresh);
    });
    listen("done", () => {
      stop();
      on.done();
    });
    listen("error", () => {
      if (!lost) {
        lost = true;
        on.lost();
      }
      if (mine.readyState !== CLOSED || stopped) return;
      clearTimeout(timer);
      timer = setTimeout(start, wait);
      wait = Math.min(2 * wait, LONGEST_WAIT_MS);
    });
  };
  const stop = (): void => {
    stopped = true;
    clearTimeout(timer);
    stream.close();
  };
  start();
  return stop;
}

/** A batch that cannot be read is left out: the records behind it, and the page's end state, are still right. */
function read(data: string): LogRecord[] {
  try {
    const found: unknown = JSON.parse(data);
    return Array.isArray(found) ? (found as LogRecord[]) : [];
  } catch {
    return [];
  }
}
