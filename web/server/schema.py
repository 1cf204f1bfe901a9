"""The documents that the viewer's server answers with; the OpenAPI document is made from these.

Numbers of goals and steps are those of the search's events, which share one numbering.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Verdict = Literal["proved", "disproved", "unknown", "error"]
Status = Literal["open", "proved", "failed", "irrelevant", "rejected", "timed-out", "crashed", "pruned-cycle"]
Outcome = Literal["closed", "open", "rejected", "timedout", "crashed"]


class Document(BaseModel):
    """What all answers have in common."""

    model_config = ConfigDict(extra="forbid")


class Fault(Document):
    """Why a request was refused."""

    message: str
    hint: str | None = None


class Refusal(Document):
    """The answer to a request that was refused."""

    error: Fault


class Info(Document):
    """What this server shows."""

    version: str
    store: str | None
    start: str | None
    """Route of the page to begin with, such as `#/view/t12`."""


class Run(Document):
    """One invocation of a command that proves things."""

    id: int
    targets: list[str]
    status: Literal["running", "finished", "interrupted", "failed", "killed"]
    started: float
    """Seconds since the epoch, as all times."""
    finished: float | None
    counts: dict[str, int]
    """Number of tasks by verdict, `pending` for none yet."""


class RunPage(Document):
    """Some runs, newest first."""

    runs: list[Run]
    next: int | None
    """The value of `before` for the next page."""


class Task(Document):
    """An obligation of a run."""

    id: str
    run: int
    name: str
    target: str
    system: str
    key: str
    """Of the obligation: tasks with equal keys are about the same."""
    started: float
    finished: float | None
    verdict: Verdict | None
    """None while the search goes on, and after a run that was cut short."""
    reason: str | None
    seconds: float | None
    certificate: str | None


class RunDetail(Run):
    """A run with some of its tasks."""

    settings: dict[str, Any]
    tasks: list[Task]
    next: int | None
    """The value of `after` for the next page of tasks."""


class Source(Document):
    """The source that an obligation stands in."""

    file: str
    line: int
    column: int
    source: str
    language: str


class Check(Document):
    """Something that was run on the final artefact."""

    command: str
    result: str
    detail: str
    seconds: float


class CertificateFacts(Document):
    """What a certificate says of itself."""

    id: str
    verdict: Verdict
    created: str
    version: str
    provers: list[str]
    seconds: float
    environment: dict[str, str]
    audits: list[Check]
    digest: str


class Place(Document):
    """A position in the source, both from 1."""

    line: int
    column: int


class View(Document):
    """Anything with a proof graph: a task of a run, or a certificate."""

    id: str
    kind: Literal["task", "certificate"]
    name: str
    target: str
    system: str
    key: str
    run: int | None
    live: bool
    """Whether a process is at work on it."""
    started: float | None
    finished: float | None
    verdict: Verdict | None
    reason: str | None
    seconds: float | None
    obligation: Source | None
    counterexample: dict[str, Any] | None
    stats: dict[str, Any] | None
    axioms: list[str] | None
    certificate: CertificateFacts | None
    proof: bool
    """Whether there is a finished proof to read."""
    winning: list[int] | None
    """The goals and steps of the proof, where a certificate says."""
    loops: dict[str, Place]
    """Where the parts of steps belong in the source, by their labels."""
    others: list[Task]
    """Other tasks on the same obligation, newest first."""


class _Record(Document):
    seq: int
    """Grows from record to record, with gaps."""
    at: float


class StartRecord(_Record):
    """A search began; the numbering of nodes begins anew."""

    kind: Literal["start"]
    provers: list[str]
    policy: str
    budget: dict[str, Any]


class GoalRecord(_Record):
    """A goal entered the graph."""

    kind: Literal["goal"]
    node: int
    parent: int | None
    """The step that it first came from."""
    depth: int
    label: str


class StepRecord(_Record):
    """A step was checked."""

    kind: Literal["step"]
    node: int
    goal: int
    prover: str
    score: float | None
    """Natural log-probability."""
    outcome: Outcome
    seconds: float
    label: str
    subgoals: list[int]
    cached: bool


class StatusRecord(_Record):
    """A node's status changed."""

    kind: Literal["status"]
    node: int
    status: Status


class AskRecord(_Record):
    """A prover was asked about a goal."""

    kind: Literal["ask"]
    node: int
    prover: str
    proposals: int
    seconds: float
    message: str


class BudgetRecord(_Record):
    """How much was spent so far."""

    kind: Literal["budget"]
    seconds: float
    expansions: int
    checker_calls: int
    checker_seconds: float
    open_goals: int


class LogRecordOfText(_Record):
    """Something worth telling."""

    kind: Literal["log"]
    level: str
    message: str


class EndRecord(_Record):
    """The search ended."""

    kind: Literal["end"]
    verdict: Verdict
    reason: str
    seconds: float


LogRecord = Annotated[
    StartRecord | GoalRecord | StepRecord | StatusRecord | AskRecord | BudgetRecord | LogRecordOfText | EndRecord,
    Field(discriminator="kind"),
]


class LogPage(Document):
    """A stretch of a search, as it happened."""

    records: list[LogRecord]
    next: int
    """The value of `after` for what comes next."""
    more: bool


class GoalText(Document):
    """A goal in full."""

    node: int
    conclusion: str
    hypotheses: list[tuple[str, str]]
    depth: int
    key: str
    at: float


class PartText(Document):
    """One part of a step, such as an invariant clause; its label says where it belongs."""

    label: str
    text: str
    language: str
    accepted: bool | None
    """The checker's word on this part alone, None where it gave none."""
    message: str
    model: dict[str, Any]


class StepText(Document):
    """A step in full."""

    node: int
    goal: int
    prover: str
    step_kind: str
    text: str
    score: float | None
    outcome: Outcome
    message: str
    seconds: float
    cached: bool
    model: dict[str, Any]
    """Values that break the step."""
    replacement: str | None
    """What the checker says to write instead."""
    subgoals: list[int]
    at: float
    parts: list[PartText]


class Origin(Document):
    """The step that led to a goal, and the goal that it was tried on."""

    step: StepText
    goal: GoalText


class GoalNode(GoalText):
    """A goal with what was tried on it."""

    kind: Literal["goal"]
    parent: Origin | None
    steps: list[StepText]
    more: bool
    """Whether there are more steps than these."""


class StepNode(StepText):
    """A step with its goal."""

    kind: Literal["step"]
    on: GoalText


Node = Annotated[GoalNode | StepNode, Field(discriminator="kind")]


class Query(Document):
    """A question to an SMT solver."""

    title: str
    line: int
    column: int
    smtlib: str


class Conditions(Document):
    """What solvers are asked about a step."""

    queries: list[Query]
    note: str


class Found(Document):
    """The nodes that hold a text."""

    nodes: list[int]
    more: bool


class ProofLine(Document):
    """A line of a finished proof, and the steps that it comes from."""

    text: str
    nodes: list[int]


class ProofText(Document):
    """A finished proof as a person reads it."""

    language: str
    file: str
    lines: list[ProofLine]


class Accepted(Document):
    """Where a certificate that was sent can be seen."""

    id: str


class ReplayCheck(Document):
    """One thing that replay looked at."""

    name: str
    ok: bool
    detail: str


class Replay(Document):
    """What came of checking a certificate again from scratch."""

    valid: bool
    reason: str | None
    seconds: float
    checks: list[ReplayCheck]
    notes: list[str]
