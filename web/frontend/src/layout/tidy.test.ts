import { describe, expect, it } from "vitest";
import { random } from "../model/fake";
import { LayoutClient } from "./client";
import { tidy } from "./tidy";
import type { LayoutRequest } from "./worker";

/** A random tree in preorder. */
function tree(count: number, seed: number): Int32Array {
  const next = random(seed);
  const parent = new Int32Array(count).fill(-1);
  const open = [0];
  for (let row = 1; row < count; row++) {
    while (open.length > 1 && next() < 0.45) open.pop();
    parent[row] = open[open.length - 1] as number;
    open.push(row);
  }
  return parent;
}

function levels(parent: Int32Array): Map<number, number[]> {
  const level: number[] = [];
  const found = new Map<number, number[]>();
  parent.forEach((above, row) => {
    level[row] = above < 0 ? 0 : (level[above] as number) + 1;
    found.set(level[row] as number, [...(found.get(level[row] as number) ?? []), row]);
  });
  return found;
}

describe("the layout", () => {
  it("keeps the order in a column and lets no two rows overlap", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const parent = tree(200, seed);
      const places = tidy(parent);
      for (const rows of levels(parent).values()) {
        rows.slice(1).forEach((row, at) => {
          expect((places[row] as number) - (places[rows[at] as number] as number)).toBeGreaterThanOrEqual(0.999);
        });
      }
    }
  });

  it("puts a parent beside its first child and above the others", () => {
    const parent = tree(300, 7);
    const places = tidy(parent);
    const first = new Set<number>();
    for (let row = 1; row < parent.length; row++) {
      const above = parent[row] as number;
      if (first.has(above)) expect(places[row]).toBeGreaterThan(places[above] as number);
      else expect(places[row]).toBe(places[above]);
      first.add(above);
    }
  });

  it("does not move what is above when rows come at the end", () => {
    const parent = tree(300, 9);
    expect(tidy(parent).slice(0, 200)).toEqual(tidy(parent.slice(0, 200)));
  });

  it("lays out chains and fans of 50,000 rows, and nothing", () => {
    expect(tidy(Int32Array.from({ length: 50_000 }, (_, row) => row - 1)).at(-1)).toBe(0);
    expect(tidy(Int32Array.from({ length: 50_000 }, (_, row) => (row === 0 ? -1 : 0))).at(-1)).toBe(49_998);
    expect(tidy(new Int32Array(0))).toHaveLength(0);
  });
});

describe("the layout client", () => {
  const fan = (count: number) => Int32Array.from({ length: count }, (_, row) => (row === 0 ? -1 : 0));
  const fakeWorker = () => ({
    posted: [] as LayoutRequest[], onmessage: null as ((event: unknown) => void) | null, onerror: null as (() => void) | null,
    postMessage(request: LayoutRequest) { this.posted.push(request); },
    terminate() {},
  });

  it("gives the answer to the latest request only", async () => {
    const worker = fakeWorker();
    const client = new LayoutClient(() => worker as unknown as Worker);
    const early = client.layout(fan(1000));
    const late = client.layout(fan(2000));
    for (const { id, parent } of worker.posted) worker.onmessage?.({ data: { id, places: tidy(parent) } });
    expect(await early).toBeNull();
    expect(await late).toHaveLength(2000);
  });

  it("works in the page where the worker does not load", async () => {
    const worker = fakeWorker();
    const client = new LayoutClient(() => worker as unknown as Worker);
    const waiting = client.layout(fan(1000));
    worker.onerror?.();
    expect(await waiting).toHaveLength(1000);
    expect(await client.layout(fan(1500))).toHaveLength(1500);
    expect(await new LayoutClient(() => null).layout(fan(3))).toHaveLength(3);
  });
});
