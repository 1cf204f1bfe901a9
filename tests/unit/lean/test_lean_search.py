"""Best-first search over recorded conversations with the Lean REPL: it finds the proof that is in them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lean_peer
import pytest
from lean_peer import Conversation, cmd, left, open_at, tactic
from pipe_peer import Exchange

from checkers.lean import artefact, scan
from lemmata.events import Event
from lemmata.goal import GoalView
from lemmata.step import Proposal, Step
from lemmata.verdict import Limits, Verdict, Verification
from search.budget import Budget
from search.engine import Engine, SearchResult

WRONG = ("exact nonsense", "simp at nowhere", "ring_nf", "sorry", "exact?", "intro h h h h", "constructor", "(")


class Recorded:
    """Proposes the tactics of a recorded proof at every goal, among wrong ones that it believes in more."""

    name = "recorded"
    systems: tuple[str, ...] = ("lean",)

    def __init__(self, tactics: Sequence[str]) -> None:
        self._tactics = [*WRONG, *reversed(tactics)]

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose all of them."""
        steps = [Proposal(Step(text), -0.5 - 0.1 * i, self.name) for i, text in enumerate(self._tactics)]
        return [[step for step in steps if step.step.key not in view.tried][:n] for view in goals]

    async def close(self) -> None:
        """There is nothing to release."""


class Silent:
    """Takes events and forgets them."""

    def emit(self, event: Event) -> None:
        """Accept an event."""


def search(folder: Path, source: str, name: str, exchanges: Sequence[Exchange], tactics: Sequence[str]) -> SearchResult:
    program = lean_peer.write(folder, exchanges)

    async def verify(steps: list[Step]) -> Verification:
        return Verification(Verdict.PROVED)

    async def run() -> SearchResult:
        async with lean_peer.session(program, source, name) as session:
            engine = Engine(
                lean_peer.obligation(source, name),
                session,
                [Recorded(tactics)],
                budget=Budget(seconds=30.0),
                sink=Silent(),
                width=32,
                step_limits=Limits(wall_seconds=5.0),
                verify=verify,
                minimise=False,
            )
            return await engine.run()

    result = asyncio.run(run())
    result.graph.check_invariants()
    return result


def whole(source: str, name: str, steps: Sequence[Step], reply: dict[str, Any]) -> Exchange:
    """Make the exchange that checks a whole proof of a theorem that is all of its file."""
    return cmd(artefact.artefact(source, scan.find(source, name, "It.lean"), steps), reply)


def declared(conversation: Conversation) -> str:
    """Return the theorem that the tactics of a conversation prove."""
    text = conversation.exchanges[0].request["cmd"]
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize(
    ("name", "theorem"),
    [
        ("proof_branching", "complex_and"),
        ("proof_branching2", "example@1"),
        ("assumption_proof", "aa"),
    ],
)
def test_the_recorded_proof_is_found(name: str, theorem: str, tmp_path: Path) -> None:
    conversation = lean_peer.recorded(name)
    source = declared(conversation)
    proof = [Step(text) for text in conversation.proof]
    accepted = whole(source, theorem, [step.leaving(1) for step in proof[:-1]] + [proof[-1].leaving(0)], {"env": 1})
    result = search(tmp_path, source, theorem, [*conversation.exchanges, accepted], conversation.proof)
    assert result.verdict is Verdict.PROVED, result.reason
    assert [step.text for step in result.steps] == conversation.proof


def test_a_proof_by_induction_is_found_with_its_branches(tmp_path: Path) -> None:
    source = "theorem zero_plus (n : Nat) : 0 + n = n := by sorry"
    induction = "induction n with\n| zero => ?_\n| succ n ih => ?_"
    goals = ["case zero\n⊢ 0 + 0 = 0", "case succ\nn : Nat\nih : 0 + n = n\n⊢ 0 + (n + 1) = n + 1"]
    indent = source.index("sorry") + 2
    pad = "\n" + " " * indent
    apart = source.replace("sorry", "(" + pad + induction.replace("\n", pad) + f"{pad}all_goals sorry{pad})")
    place = (5, indent + len("all_goals "))
    incomplete = {"proofStatus": "Incomplete: contains metavariable(s)", "proofState": 9, "goals": []}
    proof = [Step(induction).leaving(2), Step("rfl").leaving(0), Step("rw [← Nat.add_assoc, ih]").leaving(0)]
    result = search(
        tmp_path,
        source,
        "zero_plus",
        [
            cmd(source, {"sorries": [open_at(0, 1, indent - 2, "n : Nat\n⊢ 0 + n = n")], "env": 0}),
            tactic(induction, 0, left(1, *goals)),
            cmd(apart, {"sorries": [open_at(2 + i, *place, goal) for i, goal in enumerate(goals)], "env": 1}),
            tactic("constructor", 0, incomplete),
            tactic("rfl", 2, left(4)),
            tactic("rw [← Nat.add_assoc, ih]", 3, left(5)),
            whole(source, "zero_plus", proof, {"env": 2}),
        ],
        [step.text for step in proof],
    )
    assert result.verdict is Verdict.PROVED, result.reason
    assert result.steps == tuple(proof)
    assert [step.subgoals for step in result.steps] == [2, 0, 0]


def test_what_only_looks_finished_is_not_found(tmp_path: Path) -> None:
    conversation = lean_peer.recorded("app_type_mismatch2")
    exchanges = [e for e in conversation.exchanges if e.request.get("cmd", "sorry").endswith("sorry")]
    source = "example : 1 = 0 := sorry"
    loaded = cmd(source.replace("sorry", "by sorry"), {"sorries": [open_at(0, 1, 22, "⊢ 1 = 0")], "env": 1})
    result = search(tmp_path, source, "example@1", [loaded, *exchanges], conversation.proof)
    assert (result.verdict, result.steps) == (Verdict.UNKNOWN, ())
