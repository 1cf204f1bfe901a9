import { expect, it } from "vitest";
import type { LogRecord } from "../api/types";
import { Remarks } from "./remarks";

const start: LogRecord = { seq: 1, at: 100, kind: "start", provers: [], policy: "best-first", budget: {} };
const failed = (seq: number): LogRecord => ({ seq, at: 100 + seq, kind: "ask", node: 4, prover: "p", proposals: 0, seconds: 0, message: "broke" });

it("gathers what was said, once each, and counts repetitions in a row", () => {
  const records: LogRecord[] = [
    start, { ...failed(2), message: "" } as LogRecord, failed(3), failed(4),
    { seq: 5, at: 110, kind: "log", level: "warning", message: "fallback" }, { ...start, seq: 6, at: 120 },
  ];
  const remarks = new Remarks();
  expect(remarks.catchUp(3, (index) => records[index])).toBe(true);
  expect(remarks.catchUp(3, (index) => records[index])).toBe(false);
  remarks.catchUp(records.length, (index) => records[index]);
  expect(remarks.list.map(({ at, who, text, times }) => [at, who, text, times])).toEqual([
    [3, "p", "broke", 2], [10, null, "fallback", 1], [20, null, "attempt 2 began; nodes are numbered anew", 1],
  ]);
});
