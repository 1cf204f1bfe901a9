import { describe, expect, it, vi } from "vitest";
import type { Followed } from "../api/follow";
import { SourceError } from "../api/source";
import type { Info, LogPage, LogRecord, View } from "../api/types";
import { Session } from "./session";

const goal = (seq: number, node: number): LogRecord => ({ seq, at: seq, kind: "goal", node, parent: node === 0 ? null : 1, depth: 0, label: "" });

class FakeSource {
  live = true;
  gone = false;
  records: LogRecord[] = [goal(1, 0), goal(2, 2)];
  on: Followed | null = null;
  followedFrom: number[] = [];
  stopped = 0;

  async view(id: string): Promise<View> {
    if (this.gone) throw new SourceError("gone");
    return { id, live: this.live, verdict: this.live ? null : "proved" } as View;
  }
  async log(_id: string, after: number): Promise<LogPage> {
    const records = this.records.filter((record) => record.seq > after);
    return { records, next: records.at(-1)?.seq ?? after, more: false };
  }
  follow(_id: string, after: number, on: Followed): () => void {
    this.followedFrom.push(after);
    this.on = on;
    return () => { this.stopped += 1; };
  }
  async info(): Promise<Info> {
    if (this.gone) throw new SourceError("gone", "start it again");
    return { version: "", store: null, start: null };
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("Session", () => {
  it("reads, follows, and ends in the state of a reload", async () => {
    const source = new FakeSource();
    const session = new Session(source, "t1", () => undefined);
    await session.start();
    expect([session.model.size, session.state.following, source.followedFrom]).toEqual([2, true, [2]]);
    source.on?.records([goal(3, 4)]);
    source.records.push(goal(3, 4));
    source.live = false;
    source.on?.done();
    await settle();
    const again = new Session(source, "t1", () => undefined);
    await again.start();
    expect(session.state).toEqual(again.state);
    expect(session.model.size).toBe(again.model.size);
  });

  it("keeps what came when the server goes, says so, and goes on behind it", async () => {
    const source = new FakeSource();
    const session = new Session(source, "t1", () => undefined);
    await session.start();
    source.on?.records([goal(3, 4)]);
    source.gone = true;
    source.on?.lost();
    await settle();
    expect((session.state.lost as SourceError).message).toBe("gone");
    expect(session.model.size).toBe(3);
    source.gone = false;
    source.on?.back();
    expect(session.state.lost).toBeNull();
    source.records.push(goal(3, 4));
    await session.start();
    expect(source.followedFrom).toEqual([2, 3]);
    expect(session.model.size).toBe(3);
  });

  it("goes on by itself where trying again did not help at once", async () => {
    vi.useFakeTimers();
    try {
      const source = new FakeSource();
      const session = new Session(source, "t1", () => undefined);
      await session.start();
      source.gone = true;
      await session.start();
      expect([session.state.error, (session.state.lost as SourceError).message]).toEqual([null, "gone"]);
      source.gone = false;
      source.records.push(goal(3, 4));
      await vi.advanceTimersByTimeAsync(5000);
      expect([session.state.lost, session.state.following, session.model.size]).toEqual([null, true, 3]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("reports why nothing can be shown, and tries again", async () => {
    const source = new FakeSource();
    source.gone = true;
    const session = new Session(source, "t1", () => undefined);
    await session.start();
    expect((session.state.error as SourceError).message).toBe("gone");
    source.gone = false;
    await session.start();
    expect([session.state.error, session.state.view?.id]).toEqual([null, "t1"]);
  });

  it("does not speak after it was closed", async () => {
    const source = new FakeSource();
    let changes = 0;
    const session = new Session(source, "t1", () => { changes += 1; });
    await session.start();
    session.close();
    const before = changes;
    source.on?.records([goal(3, 4)]);
    source.on?.done();
    await settle();
    expect([changes, session.model.size, source.stopped]).toEqual([before, 2, 1]);
  });
});
