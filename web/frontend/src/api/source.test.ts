import { describe, expect, it } from "vitest";
import { FIRST_PAGE, PAGE, readLog } from "./paging";
import { EmbeddedSource, HttpSource, SourceError } from "./source";
import type { Embedded, GoalNode, LogRecord, View } from "./types";

function answering(answer: () => Response | Promise<Response>, asked: string[] = []): HttpSource {
  return new HttpSource("", async (input) => {
    asked.push(input);
    return answer();
  });
}

async function errorOf(promise: Promise<unknown>): Promise<SourceError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof SourceError) return error;
  }
  throw new Error("no SourceError");
}

const refused = (status: number, body: unknown): Response => new Response(JSON.stringify(body), { status });

describe("HttpSource", () => {
  it("asks with the parameters that are there, escaped", async () => {
    const asked: string[] = [];
    const source = answering(() => Response.json({ nodes: [3], runs: [] }), asked);
    await source.runs();
    await source.runs(7);
    expect(await source.search("t1", "a & b")).toEqual([3]);
    expect(asked).toEqual(["/api/runs?limit=50", "/api/runs?before=7&limit=50", "/api/views/t1/search?text=a%20%26%20b&limit=5000"]);
  });

  it("hands on the server's message and hint", async () => {
    const error = await errorOf(answering(() => refused(403, { error: { message: "no", hint: "do this" } })).info());
    expect([error.message, error.hint, error.status]).toEqual(["no", "do this", 403]);
  });

  it("survives refusals without a message", async () => {
    for (const body of ["<html>", "null", '{"error": 5}', '{"error": {"message": {}}}']) {
      const error = await errorOf(answering(() => new Response(body, { status: 502 })).view("t1"));
      expect(error.message).toContain("502");
      expect(error.hint).toBeNull();
    }
  });

  it("says that the server is gone", async () => {
    const error = await errorOf(answering(() => Promise.reject(new TypeError("Failed to fetch"))).info());
    expect([error.status, error.message]).toEqual([0, "The server does not answer."]);
    expect(error.hint).toContain("lemmata view");
  });

  it("says that an answer is not JSON", async () => {
    expect((await errorOf(answering(() => new Response("<html>")).info())).message).toContain("JSON");
  });

  it("takes absence of a proof or of conditions for an answer, not other refusals", async () => {
    const none = answering(() => refused(404, { error: { message: "there is none", hint: null } }));
    expect(await none.proof("t1")).toBeNull();
    expect(await none.conditions("t1", 3)).toBeNull();
    await errorOf(none.node("t1", 3));
    expect((await errorOf(answering(() => refused(500, {})).proof("t1"))).status).toBe(500);
  });

  it("sends a certificate as JSON", async () => {
    let sent: RequestInit | undefined;
    const source = new HttpSource("", async (_input, init) => {
      sent = init;
      return Response.json({ id: "u1" }, { status: 201 });
    });
    expect(await source.upload("{}")).toBe("u1");
    expect([sent?.method, sent?.body, new Headers(sent?.headers).get("content-type")]).toEqual(["POST", "{}", "application/json"]);
  });
});

const record = (seq: number): LogRecord => ({ seq, at: 0, kind: "log", level: "info", message: "" });
const goal: GoalNode = {
  kind: "goal", node: 0, conclusion: "x = Y", hypotheses: [["h", "P x"]], depth: 0, key: "", at: 0, parent: null, steps: [], more: false,
};
const view = { id: "t1", live: true, certificate: null } as View;
const page: Embedded = { view, log: Array.from({ length: 12_345 }, (_, i) => record(3 * i + 2)), nodes: { "0": goal }, proof: null, conditions: {}, certificate: null };

describe("readLog", () => {
  it("reads a small page first and misses nothing, whatever the gaps", async () => {
    const source = new EmbeddedSource(page);
    const sizes: number[] = [];
    const seen: number[] = [];
    const last = await readLog(source, "t1", 0, (records) => {
      sizes.push(records.length);
      seen.push(...records.map((one) => one.seq));
    }, () => false);
    expect(sizes).toEqual([FIRST_PAGE, PAGE, PAGE, 345]);
    expect(seen).toEqual(page.log.map((one) => one.seq));
    expect(last).toBe(page.log.at(-1)?.seq);
  });

  it("begins behind a record", async () => {
    const seen: number[] = [];
    await readLog(new EmbeddedSource(page), "t1", 3 * 12_340 + 2, (records) => seen.push(...records.map((one) => one.seq)), () => false);
    expect(seen).toHaveLength(4);
  });

  it("stops when told, and on pages that do not move on", async () => {
    let pages = 0;
    await readLog(new EmbeddedSource(page), "t1", 0, () => { pages += 1; }, () => pages > 0);
    expect(pages).toBe(1);
    let asked = 0;
    const stuck = { log: async () => { asked += 1; return { records: [], next: 5, more: true }; } };
    expect(await readLog(stuck, "t1", 5, () => undefined, () => false)).toBe(5);
    expect(asked).toBe(1);
  });
});

describe("EmbeddedSource", () => {
  const source = new EmbeddedSource(page);

  it("answers from its data and begins with its view", async () => {
    expect((await source.info()).start).toBe("#/view/t1");
    expect((await source.view("t1")).live).toBe(false);
    expect(await source.node("t1", 0)).toBe(goal);
    expect(await source.search("t1", "p X")).toEqual([0]);
    expect(await source.conditions("t1", 3)).toBeNull();
  });

  it("says what it does not hold", async () => {
    for (const promise of [source.view("t2"), source.node("t1", 9), source.run(3), source.replay(), source.upload(), source.certificate()]) {
      expect((await errorOf(promise)).hint).toContain("lemmata view");
    }
  });
});
