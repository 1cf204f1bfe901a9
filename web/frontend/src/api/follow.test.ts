import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { followEvents, type Stream } from "./follow";
import type { LogRecord } from "./types";

class FakeStream implements Stream {
  readyState = 1;
  private readonly listeners = new Map<string, ((event: MessageEvent<string>) => void)[]>();
  constructor(readonly after: number) {}
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }
  close(): void { this.readyState = 2; }
  say(type: string, data: unknown = null): void {
    for (const listener of this.listeners.get(type) ?? []) listener({ data: typeof data === "string" ? data : JSON.stringify(data) } as MessageEvent<string>);
  }
}

const record = (seq: number): LogRecord => ({ seq, at: 0, kind: "log", level: "info", message: "" });
const batch = (...numbers: number[]): LogRecord[] => numbers.map(record);

function follow(after = 0) {
  const streams: FakeStream[] = [];
  const heard: (string | number)[] = [];
  const stop = followEvents((last) => {
    const stream = new FakeStream(last);
    streams.push(stream);
    return stream;
  }, after, {
    records: (records) => heard.push(...records.map((one) => one.seq)),
    done: () => heard.push("done"), lost: () => heard.push("lost"), back: () => heard.push("back"),
  });
  return { streams, heard, stop, now: () => streams.at(-1) as FakeStream };
}

describe("followEvents", () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it("hands on records and the end", () => {
    const { heard, now } = follow(4);
    expect(now().after).toBe(4);
    now().say("records", batch(5, 9));
    now().say("done", {});
    now().say("records", batch(10));
    expect(heard).toEqual([5, 9, "done"]);
    expect(now().readyState).toBe(2);
  });

  it("drops what came already, and what cannot be read", () => {
    const { heard, now } = follow();
    now().say("records", batch(1, 2));
    now().say("records", batch(1, 2, 3));
    now().say("records", "not JSON");
    now().say("records", "null");
    expect(heard).toEqual([1, 2, 3]);
  });

  it("leaves a broken connection to the browser, and tells of loss and return once each", () => {
    const { streams, heard, now } = follow();
    now().readyState = 0;
    now().say("error");
    now().say("error");
    vi.advanceTimersByTime(60_000);
    expect(streams).toHaveLength(1);
    now().say("open");
    now().say("records", batch(1));
    expect(heard).toEqual(["lost", "back", 1]);
  });

  it("opens a new stream behind the last record where the browser gave up, ever less often", () => {
    const { streams, heard, now } = follow();
    now().say("records", batch(1, 7));
    const fail = () => { now().readyState = 2; now().say("error"); };
    fail();
    vi.advanceTimersByTime(999);
    expect(streams).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(streams.map((stream) => stream.after)).toEqual([0, 7]);
    fail();
    vi.advanceTimersByTime(1999);
    expect(streams).toHaveLength(2);
    vi.advanceTimersByTime(1);
    now().say("open");
    streams[0]?.say("records", batch(8));
    now().say("records", batch(7, 9));
    expect(heard).toEqual([1, 7, "lost", "back", 9]);
  });

  it("is silent after it was stopped", () => {
    const { streams, heard, now, stop } = follow();
    now().readyState = 2;
    now().say("error");
    stop();
    vi.advanceTimersByTime(60_000);
    now().say("records", batch(1));
    expect(streams).toHaveLength(1);
    expect(heard).toEqual(["lost"]);
  });
});
