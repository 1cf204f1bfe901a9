// The JSON that the server (web/server) answers with, and what an exported page embeds.

export type Verdict = "proved" | "disproved" | "unknown" | "error";
// GET /api/info
export interface Info { version: string; store: string | null; start: string | null /* hash route to go to at first, e.g. "#/view/t12" */; }
// GET /api/runs?before=<id>&limit=50      newest first
export interface RunPage { runs: Run[]; next: number | null /* value for `before` */ }
export interface Run { id: number; targets: string[]; status: "running"|"finished"|"interrupted"|"failed"|"killed"; started: number /* s since epoch */;
  finished: number | null; counts: { [verdict in Verdict | "pending"]?: number }; }
// GET /api/runs/<id>?after=<task>&limit=200
export interface RunDetail extends Run { settings: Record<string, unknown>; tasks: Task[]; next: number | null }
export interface Task { id: string /* "t12" */; run: number; name: string; target: string; system: string; key: string /* of the obligation: equal keys = same obligation */;
  started: number; finished: number | null; verdict: Verdict | null /* null: still at work */; reason: string | null; seconds: number | null; certificate: string | null /* "c5" */; }
// GET /api/views/<id>
export interface View { id: string; kind: "task" | "certificate"; name: string; target: string; system: string; key: string; run: number | null;
  live: boolean /* a process is at work on it: follow it */; started: number | null; finished: number | null;
  verdict: Verdict | null; reason: string | null; seconds: number | null;
  obligation: { file: string; line: number; column: number; source: string; language: string /* c | coq | smt2 */ } | null;
  counterexample: Counterexample | Record<string, unknown> | null;
  stats: Stats | null; axioms: string[] | null;
  certificate: { id: string; verdict: Verdict; created: string; version: string; provers: string[]; seconds: number;
     environment: Record<string,string>; audits: { command: string; result: string; detail: string; seconds: number }[]; digest: string } | null;
  proof: boolean /* GET .../proof has something */;
  winning: number[] | null /* goal and step numbers of the proof, where a certificate says; else the client finds them */;
  loops: Record<string, { line: number; column: number }> /* label of an invariant clause -> its loop; {} for other systems */;
  others: Task[] /* other tasks on the same obligation, newest first, at most 20 */; }
export interface Counterexample { function: string; inputs: {name: string; line: number; value: unknown}[];
  trace: { line: number; column: number; values: Record<string, unknown> /* variables that changed */ }[];
  failure: { file: string; line: number; column: number; message: string } }   // for programs; other systems: any JSON object
export interface Stats { expansions?: number; checker_calls?: number; checker_seconds?: number; seconds?: number; verify_seconds?: number; cached?: number; tokens?: number;
  goals?: number; steps?: number; provers?: Record<string, { proposals: number; accepted: number; seconds: number }> }
// GET /api/views/<id>/log?after=<seq>&limit=<n, at most 5000>   the search as compact records, in order of seq (seq grows, with gaps)
export interface LogPage { records: LogRecord[]; next: number /* use as `after` */; more: boolean }
export type LogRecord = { seq: number; at: number /* s since epoch */ } & (
  | { kind: "start"; provers: string[]; policy: string; budget: Record<string, number | null> }   // a new attempt: numbering of nodes begins anew, forget the graph
  | { kind: "goal"; node: number; parent: number | null /* step it first came from */; depth: number; label: string /* conclusion, shortened to 200 chars */ }
  | { kind: "step"; node: number; goal: number; prover: string; score: number | null /* natural log-probability <= 0 */; outcome: "closed"|"open"|"rejected"|"timedout"|"crashed";
      seconds: number; label: string; subgoals: number[] /* goal numbers, also shared ones whose `parent` is another step => cross-links; a goal may come after the step or before it */; cached: boolean }
  | { kind: "status"; node: number; status: "open"|"proved"|"failed"|"irrelevant"|"rejected"|"timed-out"|"crashed"|"pruned-cycle" }
  | { kind: "ask"; node: number; prover: string; proposals: number; seconds: number; message: string }
  | { kind: "budget"; seconds: number; expansions: number; checker_calls: number; checker_seconds: number; open_goals: number }
  | { kind: "log"; level: string; message: string }
  | { kind: "end"; verdict: Verdict; reason: string; seconds: number } );
// goal and step numbers share one numbering; root goal has parent null. A `goal` record comes AFTER its parent step may or may not have been recorded: accept either order.
// A step begins with the status of its outcome: rejected, timed-out, crashed; closed/open begin as "open" and then get `status` records.
// In a certificate's log all `at` are 0 and there is no budget/ask: hide the time slider.
// GET /api/views/<id>/follow?after=<seq>   server-sent events: `event: records`, `id: <last seq>`, data = LogRecord[] (batches every ~100 ms); `event: done`, data = {} when nobody works on it any more
//   (then close the EventSource and fetch the View again). Reconnects send Last-Event-ID.
// GET /api/views/<id>/nodes/<node>
export type Node = GoalNode | StepNode;
export interface GoalText { node: number; conclusion: string; hypotheses: [name: string, text: string][]; depth: number; key: string; at: number }
export interface GoalNode extends GoalText { kind: "goal"; parent: { step: StepText; goal: GoalText } | null; steps: StepText[] /* at most 500, in order of checking */; more: boolean }
export interface StepText { node: number; goal: number; prover: string; step_kind: string /* tactic | clauses | ... */; text: string; score: number | null; outcome: string; message: string; seconds: number; cached: boolean;
  model: Record<string, unknown> /* values that break it */; replacement: string | null; subgoals: number[]; at: number;
  parts: { label: string; text: string; language: string; accepted: boolean | null; message: string; model: Record<string, unknown> }[] /* invariant clauses, label = loop */ }
export interface StepNode extends StepText { kind: "step"; on: GoalText }
// GET /api/views/<id>/nodes/<step>/conditions    for programs and SMT: what the solvers are asked (computed on demand, ~1 s); 404 where there is none
export interface Conditions { queries: { title: string; line: number; column: number; smtlib: string }[]; note: string }
// GET /api/views/<id>/search?text=<q>&limit=500   full text of goals and steps -> numbers
export interface Found { nodes: number[]; more: boolean }
// GET /api/views/<id>/proof
export interface ProofText { language: string; file: string /* name for the download */; lines: { text: string; nodes: number[] /* steps that this line comes from */ }[] }
// GET /api/certificates/<c.. or u..>        the certificate file itself, as an attachment
// POST /api/certificates   body = certificate JSON, at most 8 MB -> 201 { id: "u..." }   (kept in memory only)
// POST /api/certificates/<id>/replay -> Replay   (takes seconds)
export interface Replay { valid: boolean; reason: string | null; seconds: number; checks: { name: string; ok: boolean; detail: string }[]; notes: string[] }
/** What an exported page carries in `<script id="lemmata-data">`. */
export interface Embedded { view: View; log: LogRecord[]; nodes: Record<string, Node>; proof: ProofText | null; conditions: Record<string, Conditions>; certificate: object | null }
