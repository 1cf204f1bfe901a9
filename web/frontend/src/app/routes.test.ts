import { describe, expect, it } from "vitest";
import { formatRoute, pageKey, parseRoute, type Route } from "./routes";

const ROUTES: Route[] = [
  { page: "runs" },
  { page: "run", id: 3 },
  { page: "view", id: "t12", node: null, tab: null },
  { page: "view", id: "t12", node: 0, tab: null },
  { page: "view", id: "c5", node: 34, tab: "proof" },
  { page: "view", id: "u0123456789abcdef", node: null, tab: "checks" },
  { page: "compare", a: "t12", b: "t15" },
];

describe("routes", () => {
  it.each(ROUTES.map((route) => [formatRoute(route), route] as const))("%s reads back", (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
    expect(formatRoute(parseRoute(hash))).toBe(hash);
  });

  it("takes an address without a route for the list of runs", () => {
    for (const hash of ["", "#", "#/"]) expect(parseRoute(hash)).toEqual({ page: "runs" });
  });

  it.each(["#/view/../../x", "#/view/t", "#/view/t1/node/x", "#/view/t1/node/-1", "#/view/t1/nodes/1", "#/run/x", "#/run/1/2", "#/compare/t1", "#/nothing", "#/view/t1/node/99999999999999999"])(
    "%s is unknown, and kept", (hash) => {
      expect(parseRoute(hash)).toEqual({ page: "unknown", hash });
      expect(formatRoute(parseRoute(hash))).toBe(hash);
    },
  );

  it("tells pages apart, not places in them", () => {
    expect(pageKey(parseRoute("#/view/t1/node/4?tab=proof"))).toBe(pageKey(parseRoute("#/view/t1")));
    expect(pageKey(parseRoute("#/view/t1"))).not.toBe(pageKey(parseRoute("#/view/t2")));
    expect(pageKey(parseRoute("#/run/1"))).not.toBe(pageKey(parseRoute("#/run/2")));
  });
});
