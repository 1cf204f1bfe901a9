/** Which page the address names; addresses are in the part behind `#`, so that an exported page has them too. */
export type Route =
  | { page: "runs" }
  | { page: "run"; id: number }
  | { page: "view"; id: string; node: number | null; tab: string | null }
  | { page: "compare"; a: string; b: string }
  | { page: "unknown"; hash: string };

const VIEW = /^[tc]\d{1,15}$|^u[0-9a-f]{1,32}$/;

/** Read the address; what cannot be read becomes `unknown`, never an error. */
export function parseRoute(hash: string): Route {
  const unknown: Route = { page: "unknown", hash };
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  const parts = path.split("/").filter((part) => part !== "");
  const [page, first, second, third] = parts;
  if (parts.length === 0) return { page: "runs" };
  if (page === "run" && parts.length === 2) {
    const id = whole(first);
    return id === null ? unknown : { page: "run", id };
  }
  if (page === "compare" && parts.length === 3 && isView(first) && isView(second)) return { page: "compare", a: first, b: second };
  if (page === "view" && isView(first)) {
    const tab = /(?:^|&)tab=([a-z]+)(?:&|$)/.exec(query)?.[1] ?? null;
    if (parts.length === 2) return { page: "view", id: first, node: null, tab };
    const node = whole(third);
    if (parts.length === 4 && second === "node" && node !== null) return { page: "view", id: first, node, tab };
  }
  return unknown;
}

/** The address of a page; `parseRoute` reads it back. */
export function formatRoute(route: Route): string {
  switch (route.page) {
    case "runs": return "#/";
    case "run": return `#/run/${route.id}`;
    case "view": {
      const node = route.node === null ? "" : `/node/${route.node}`;
      return `#/view/${route.id}${node}${route.tab === null ? "" : `?tab=${route.tab}`}`;
    }
    case "compare": return `#/compare/${route.a}/${route.b}`;
    case "unknown": return route.hash;
  }
}

export function viewHash(id: string, node: number | null = null, tab: string | null = null): string {
  return formatRoute({ page: "view", id, node, tab });
}

/** What tells pages apart: moving within one of them is not a new page. */
export function pageKey(route: Route): string {
  return route.page === "view" ? formatRoute({ ...route, node: null, tab: null }) : formatRoute(route);
}

function isView(text: string | undefined): text is string {
  return text !== undefined && VIEW.test(text);
}

function whole(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
