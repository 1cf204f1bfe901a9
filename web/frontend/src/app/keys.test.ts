import { describe, expect, it } from "vitest";
import { KeyReader } from "./keys";
import { nextTheme } from "./theme";

describe("keys", () => {
  it("reads single keys", () => {
    const reader = new KeyReader();
    expect(reader.read("?", 0)).toEqual({ kind: "help" });
    expect(reader.read("t", 1)).toEqual({ kind: "theme" });
    expect(reader.read("3", 2)).toEqual({ kind: "tab", index: 2 });
    expect(reader.read("0", 3)).toBeNull();
    expect(reader.read("r", 4)).toBeNull();
  });

  it("reads g r as one, in time and in a row only", () => {
    const reader = new KeyReader();
    expect(reader.read("g", 0)).toBeNull();
    expect(reader.read("r", 500)).toEqual({ kind: "runs" });
    expect(reader.read("r", 600)).toBeNull();
    reader.read("g", 1000);
    expect(reader.read("r", 5000)).toBeNull();
    reader.read("g", 6000);
    reader.read("x", 6100);
    expect(reader.read("r", 6200)).toBeNull();
  });

  it("goes round the themes", () => {
    expect(nextTheme(nextTheme(nextTheme("system")))).toBe("system");
  });
});
