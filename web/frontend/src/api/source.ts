import type { Conditions, Embedded, Found, Info, LogPage, LogRecord, Node, ProofText, Replay, RunDetail, RunPage, View } from "./types";
import { followEvents, type Followed, type OpenStream } from "./follow";

/** Where the page's data come from: the server, or what an exported page carries. */
export interface Source {
  info(): Promise<Info>;
  runs(before?: number): Promise<RunPage>;
  run(id: number, after?: number): Promise<RunDetail>;
  view(id: string): Promise<View>;
  log(id: string, after: number, limit: number): Promise<LogPage>;
  /** Receive records behind a sequence number as they come; returns what stops it. */
  follow(id: string, after: number, on: Followed): () => void;
  node(id: string, n: number): Promise<Node>;
  /** What solvers are asked about a step; null where no solver is. */
  conditions(id: string, n: number): Promise<Conditions | null>;
  search(id: string, text: string): Promise<number[]>;
  proof(id: string): Promise<ProofText | null>;
  certificate(id: string): Promise<Blob>;
  replay(id: string): Promise<Replay>;
  /** Show a certificate; returns the name of its view. */
  upload(text: string): Promise<string>;
  readonly exported: boolean;
}

/** A request that did not succeed: `status` is HTTP's, 0 where no answer came at all. */
export class SourceError extends Error {
  override readonly name = "SourceError";
  constructor(message: string, readonly hint: string | null = null, readonly status = 0) {
    super(message);
  }
}

const GONE = "The server does not answer.";
const GONE_HINT = "It may have been stopped: run `lemmata view` again and open the link that it prints.";
const TASKS = 1000;
const RUNS = 50;

type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** Asks the server that served the page. */
export class HttpSource implements Source {
  readonly exported = false;

  constructor(
    private readonly base = "",
    private readonly fetched: Fetch = (input, init) => fetch(input, init),
    private readonly stream: OpenStream = (url) => new EventSource(url),
  ) {}

  info(): Promise<Info> { return this.get("/api/info"); }
  runs(before?: number): Promise<RunPage> { return this.get("/api/runs", { before, limit: RUNS }); }
  run(id: number, after?: number): Promise<RunDetail> { return this.get(`/api/runs/${id}`, { after, limit: TASKS }); }
  view(id: string): Promise<View> { return this.get(this.path(id)); }
  log(id: string, after: number, limit: number): Promise<LogPage> { return this.get(`${this.path(id)}/log`, { after, limit }); }
  node(id: string, n: number): Promise<Node> { return this.get(`${this.path(id)}/nodes/${n}`); }
  conditions(id: string, n: number): Promise<Conditions | null> { return absent(this.get<Conditions>(`${this.path(id)}/nodes/${n}/conditions`)); }
  proof(id: string): Promise<ProofText | null> { return absent(this.get<ProofText>(`${this.path(id)}/proof`)); }

  follow(id: string, after: number, on: Followed): () => void {
    return followEvents((last) => this.stream(`${this.base}${this.path(id)}/follow?after=${last}`), after, on);
  }

  async search(id: string, text: string): Promise<number[]> {
    return (await this.get<Found>(`${this.path(id)}/search`, { text, limit: 5000 })).nodes;
  }

  async certificate(id: string): Promise<Blob> {
    return (await this.ask(`/api/certificates/${encodeURIComponent(id)}`)).blob();
  }

  async replay(id: string): Promise<Replay> {
    return json(await this.ask(`/api/certificates/${encodeURIComponent(id)}/replay`, { method: "POST" }));
  }

  async upload(text: string): Promise<string> {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: text };
    return (await json<{ id: string }>(await this.ask("/api/certificates", init))).id;
  }

  private path(id: string): string { return `/api/views/${encodeURIComponent(id)}`; }

  private async get<T>(path: string, query: Record<string, string | number | undefined> = {}): Promise<T> {
    const parts = Object.entries(query).filter((part) => part[1] !== undefined);
    const text = parts.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&");
    return json(await this.ask(text ? `${path}?${text}` : path));
  }

  private async ask(path: string, init?: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await this.fetched(this.base + path, { credentials: "same-origin", ...init });
    } catch {
      throw new SourceError(GONE, GONE_HINT, 0);
    }
    if (!response.ok) throw await refusal(response);
    return response;
  }
}

async function json<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch {
    throw new SourceError("The server's answer was cut short or is not JSON.", "Try again.", response.status);
  }
}

/** The server's own words where it sent some. */
async function refusal(response: Response): Promise<SourceError> {
  let said: unknown;
  try {
    said = ((await response.json()) as { error?: unknown }).error;
  } catch {
    said = null;
  }
  const error = (typeof said === "object" && said !== null ? said : {}) as { message?: unknown; hint?: unknown };
  const message = typeof error.message === "string" ? error.message : `The server refused (HTTP ${response.status}).`;
  return new SourceError(message, typeof error.hint === "string" ? error.hint : null, response.status);
}

async function absent<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof SourceError && error.status === 404) return null;
    throw error;
  }
}

const EXPORT_HINT = "Open the search with `lemmata view` to do this.";

/** Answers from the data that an exported page carries. */
export class EmbeddedSource implements Source {
  readonly exported = true;

  constructor(private readonly data: Embedded) {}

  async info(): Promise<Info> {
    const version = this.data.view.certificate?.version ?? "";
    return { version, store: null, start: `#/view/${this.data.view.id}` };
  }

  async runs(): Promise<RunPage> { return { runs: [], next: null }; }
  async run(id: number): Promise<RunDetail> { throw this.lacks(`run ${id}`); }

  async view(id: string): Promise<View> {
    if (id !== this.data.view.id) throw this.lacks(`${id}`);
    return { ...this.data.view, live: false };
  }

  async log(_id: string, after: number, limit: number): Promise<LogPage> {
    const { log } = this.data;
    const first = firstBehind(log, after);
    const records = log.slice(first, first + limit);
    return { records, next: records.at(-1)?.seq ?? after, more: first + limit < log.length };
  }

  follow(_id: string, _after: number, on: Followed): () => void {
    const timer = setTimeout(() => on.done(), 0);
    return () => clearTimeout(timer);
  }

  async node(_id: string, n: number): Promise<Node> {
    const found = this.data.nodes[String(n)];
    if (found === undefined) throw this.lacks(`node ${n}`);
    return found;
  }

  async conditions(_id: string, n: number): Promise<Conditions | null> { return this.data.conditions[String(n)] ?? null; }
  async proof(): Promise<ProofText | null> { return this.data.proof; }

  async search(_id: string, text: string): Promise<number[]> {
    const wanted = text.toLowerCase();
    const found = Object.values(this.data.nodes).filter((node) => textOf(node).toLowerCase().includes(wanted));
    return found.map((node) => node.node);
  }

  async certificate(): Promise<Blob> {
    if (this.data.certificate === null) throw this.lacks("certificate");
    return new Blob([JSON.stringify(this.data.certificate, null, 2) + "\n"], { type: "application/json" });
  }

  async replay(): Promise<Replay> { throw new SourceError("An exported page cannot replay a certificate.", EXPORT_HINT, 404); }
  async upload(): Promise<string> { throw new SourceError("An exported page holds one search only.", EXPORT_HINT, 404); }

  private lacks(what: string): SourceError {
    return new SourceError(`This exported page does not hold ${what}.`, EXPORT_HINT, 404);
  }
}

/** Index of the first record with a greater sequence number; the log is sorted by it. */
function firstBehind(log: readonly LogRecord[], after: number): number {
  let low = 0;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((log[middle] as LogRecord).seq > after) high = middle;
    else low = middle + 1;
  }
  return low;
}

function textOf(node: Node): string {
  if (node.kind === "step") return [node.text, node.message, node.prover].join("\n");
  return [node.conclusion, ...node.hypotheses.map(([name, text]) => `${name} : ${text}`)].join("\n");
}
