import { describe, expect, it } from "vitest";
import { baseName, counted, duration, probability, valueText } from "./format";

describe("format", () => {
  it("shows stretches of time at the precision that matters", () => {
    expect([0, 0.0123, 0.9994, 0.9997, 1.234, 12.34, 59.97, 90, 7300].map(duration)).toEqual(
      ["0 ms", "12 ms", "999 ms", "1.00 s", "1.23 s", "12.3 s", "1 min", "1 min 30 s", "2 h 1 min"],
    );
    expect(duration(null)).toBe("–");
    expect(duration(NaN)).toBe("–");
  });

  it("shows probabilities, also the smallest", () => {
    expect([0, Math.log(0.195), -20, -Infinity].map(probability)).toEqual(["100 %", "19.5 %", "2.1e-7 %", "0 %"]);
  });

  it("counts", () => {
    expect([counted(1, "goal"), counted(1234, "goal"), counted(0, "hypothesis", "hypotheses")]).toEqual(["1 goal", "1,234 goals", "0 hypotheses"]);
  });

  it("shortens paths and shows values", () => {
    expect([baseName("/a/b.c"), baseName("b.c"), baseName("/"), baseName("C:\\x\\y.v")]).toEqual(["b.c", "b.c", "/", "y.v"]);
    expect([valueText("x"), valueText(3), valueText([1, "a"]), valueText(undefined)]).toEqual(["x", "3", '[1,"a"]', "undefined"]);
  });
});
