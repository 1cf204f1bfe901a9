import { describe, expect, it } from "vitest";
import type { Replay, View } from "../api/types";
import { standing, told } from "./standing";

const replay = (valid: boolean): Replay => ({ valid, reason: null, seconds: 1, checks: [], notes: [] });
const view = (kind: View["kind"]): View => ({ kind }) as View;

describe("what stands behind a verdict", () => {
  it("is the verification of a search of this store", () => {
    expect(told("proved", standing(view("task"), false, null))).toEqual({ sign: "proved", word: "proved" });
  });

  it("is nothing yet for a certificate and in an exported page", () => {
    for (const stands of [standing(view("certificate"), false, null), standing(view("task"), true, null)]) {
      expect(told("proved", stands)).toEqual({ sign: "pending", word: "claims proved" });
    }
  });

  it("is what a replay said, where there was one", () => {
    expect(told("proved", standing(view("certificate"), false, replay(true))).word).toBe("proved");
    expect(told("proved", standing(view("certificate"), false, replay(false))).sign).toBe("error");
    expect(told("disproved", standing(view("task"), false, replay(false))).word).toBe("not valid");
  });
});
