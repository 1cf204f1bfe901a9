"""Sessions on F* goals and searches in them, over recorded conversations with the real `fstar.exe`."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import fake_fstar
import pipe_peer
import pytest
from pipe_peer import FAULTS, Exchange, Fault
from recorded_fstar import (
    GREETING_3,
    POP,
    conversation,
    error,
    exchange,
    fstar,
    needs_fixtures,
    push,
    use,
)

from checkers.fstar.checker import FstarChecker
from checkers.fstar.session import FstarSession
from checkers.process import Supervisor
from lemmata.errors import BackendError, BackendMissing, InputError
from lemmata.goal import GoalView, Obligation
from lemmata.outcome import Closed, Open, Outcome, Rejected, TimedOut
from lemmata.step import Proposal, Step
from lemmata.verdict import Limits, Verdict, Verification
from provers.symbolic.fstar.portfolio import FstarPortfolioProver
from search.budget import Budget
from search.engine import Engine, SearchResult

SOURCE = "module Backtracking\n\nlet a : a:nat{a > 0} = 1\n\nlet b: b:nat{b > 1} = admit ()\n"
WRONG, RIGHT = "a + a - 1", "a + a - (-1)"
STEP = Limits(10.0)


def backtracking() -> list[Exchange]:
    """Return what F* answered on this file, and that it accepts `admit ()`, which was not recorded."""
    return [*conversation("backtracking.refinements"), POP, push("\nlet b: b:nat{b > 1} = admit ()\n", 4)]


@pytest.fixture(autouse=True)
def _no_fstar(monkeypatch):
    for name in ("FSTAR_EXE", "FSTAR_HOME"):
        monkeypatch.delenv(name, raising=False)


def place(folder: Path, text: str, name: str = "Backtracking.fst") -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(text)
    return file


def with_session(
    file: Path, selector: str, work: Callable[[FstarSession], Awaitable[Any]], limits: Limits = STEP
) -> Any:
    async def run() -> Any:
        async with Supervisor() as supervisor:
            checker = FstarChecker(supervisor)
            obligation = await checker.select(file, selector, {})
            session = await checker.open(obligation, limits)
            try:
                return await work(session)
            finally:
                await session.close()
                assert not supervisor.live

    return asyncio.run(run())


def tries(*bodies: str, limits: Limits = STEP) -> Callable[[FstarSession], Awaitable[list[Outcome]]]:
    async def work(session: FstarSession) -> list[Outcome]:
        return [await session.apply(session.root, Step(body, "definition"), limits) for body in bodies]

    return work


@needs_fixtures
def test_outcomes_are_those_of_the_recorded_pushes(tmp_path, monkeypatch):
    program = fstar(tmp_path, backtracking(), unknown=False)
    use(monkeypatch, program)
    file = place(tmp_path / "project", SOURCE)
    wrong, right, again = with_session(file, "b", tries(WRONG, RIGHT, WRONG))
    assert isinstance(wrong, Rejected)
    assert wrong.message == "Subtyping check failed; expected type b: nat{b > 1}; got type int"
    assert isinstance(right, Closed)
    assert isinstance(again, Rejected)
    assert all(entry["known"] for entry in pipe_peer.received(program) if "request" in entry)
    assert len([e for e in pipe_peer.received(program) if "start" in e]) == 1
    sent = [r["query"] for r in pipe_peer.requests(program)]
    assert sent == ["push", "push", "push", "pop", "push", "push", "pop", "push"]


@needs_fixtures
@pytest.mark.parametrize(
    ("name", "source", "selector", "bodies"),
    [
        (
            "integration.push-pop",
            "module Integration\n\nlet xxxxxx = 1\n\nlet yyyyyy = xxxxxx\n\nlet aaaaaa = yyyyyy\n\n"
            "let aaaaaaaaaaaaaaaaaaaaaaaa = yyyyyy\n\nlet xx : nat = admit ()\n",
            "xx",
            {"-1": False, "1": True, "2": True},
        ),
        (
            "backtracking.refinements",
            "module Backtracking\n\nlet a : a:nat{a > 0} = admit ()\n",
            "a",
            {"-1": False, "1": True, "2": True, "-2": False, "0": False, "157": True},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_definitions_of_recorded_files(tmp_path, monkeypatch, name, source, selector, bodies):
    target = "\n" + source.rsplit("\n\n", 1)[1]
    line = source.count("\n")
    program = fstar(tmp_path, [*conversation(name), POP, push(target, line - 1)], unknown=False)
    use(monkeypatch, program)
    module = source.split()[1]
    outcomes = with_session(place(tmp_path / "p", source, f"{module}.fst"), selector, tries(*bodies))
    assert [isinstance(outcome, Closed) for outcome in outcomes] == list(bodies.values())
    assert all(isinstance(outcome, Closed | Rejected) for outcome in outcomes)


class Proposing:
    """A prover with its mind made up."""

    name = "made-up"
    systems = ("fstar",)

    def __init__(self, bodies: Mapping[str, float]) -> None:
        self.bodies = bodies

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        return [
            [
                Proposal(step, likely, self.name)
                for text, likely in self.bodies.items()
                if (step := Step(text, "definition")).key not in view.tried
            ]
            for view in goals
        ]

    async def close(self) -> None:
        pass


class Quiet:
    def emit(self, event: Any) -> None:
        pass


def search(
    file: Path,
    selector: str,
    bodies: Mapping[str, float],
    *,
    verified: bool = False,
    seconds: float = 20.0,
    step: float = 5.0,
    prover: Any = None,
) -> tuple[SearchResult, Obligation]:
    """Search with a real session; `verified` has the artefact checked by what stands in for F* on whole files."""

    async def run() -> tuple[SearchResult, Obligation]:
        async with Supervisor() as supervisor:
            checker = FstarChecker(supervisor)
            obligation = await checker.select(file, selector, {})
            session = await checker.open(obligation, Limits(step))

            async def verify(steps: list[Step]) -> Verification:
                artefact = checker.artefact(obligation, steps)
                if not verified:
                    return Verification(Verdict.PROVED if "admit" not in artefact else Verdict.UNKNOWN)
                return await checker.verify(obligation, artefact, "proved", Limits(60.0), {})

            engine = Engine(
                obligation,
                session,
                [prover or Proposing(bodies)],
                budget=Budget(seconds),
                sink=Quiet(),
                step_limits=Limits(step),
                verify=verify,
                concurrency=1,
            )
            try:
                return await engine.run(), obligation
            finally:
                await session.close()

    return asyncio.run(run())


@needs_fixtures
def test_a_search_finds_the_body_that_was_accepted(tmp_path, monkeypatch):
    peer = fstar(tmp_path, backtracking(), unknown=False)
    front = tmp_path / "front"
    front.mkdir()
    use(monkeypatch, fake_fstar.write(front, ide=str(peer), false=[WRONG]))
    file = place(tmp_path / "project", SOURCE)
    result, obligation = search(file, "b", {WRONG: -0.1, RIGHT: -1.0}, verified=True)
    assert result.verdict is Verdict.PROVED, result.reason
    assert [step.text for step in result.steps] == [RIGHT]
    assert result.verification is not None
    assert [audit.result for audit in result.verification.audits] == ["passed"] * 5
    assert result.verification.attachments["Backtracking.fst"] == SOURCE.replace("admit ()", RIGHT)
    assert obligation.name == "b"


@needs_fixtures
@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("at", range(-1, 7))
def test_a_search_survives_every_fault(tmp_path, monkeypatch, kind, at):
    program = fstar(tmp_path, backtracking(), fault=Fault(at, kind))
    use(monkeypatch, program)
    file = place(tmp_path / "project", SOURCE)
    # What hangs costs the step that it hangs on; the same body in other words is another step.
    bodies = {WRONG: -0.1, RIGHT: -1.0, f"({RIGHT})": -2.0}
    step = 0.7 if kind == "hang" else 5.0
    if kind == "hang":
        again = push(f"\nlet b: b:nat{{b > 1}} = ({RIGHT})\n", 4)
        program = fstar(tmp_path, [*backtracking(), again], fault=Fault(at, kind))
    result, _ = search(file, "b", bodies, step=step)
    assert result.verdict is Verdict.PROVED, result.reason
    starts = [entry for entry in pipe_peer.received(program) if "start" in entry]
    assert len(starts) <= 2


@pytest.mark.parametrize("kind", ["die", "garbage", "half", "hang"])
def test_an_fstar_that_always_fails_is_an_error_or_a_crash_and_never_an_exception(tmp_path, monkeypatch, kind):
    exchanges = [push("module M\n", 1), push("\nlet b : int = admit ()\n", 2), POP, push("\nlet b : int = 1\n", 2)]
    file = place(tmp_path / "p", "module M\n\nlet b : int = admit ()\n", "M.fst")
    use(monkeypatch, fstar(tmp_path, exchanges, fault=Fault(0, kind, always=True)))
    with pytest.raises(BackendError):
        with_session(file, "b", tries("1"), Limits(0.5))
    use(monkeypatch, fstar(tmp_path, exchanges, fault=Fault(3, kind, always=True)))
    (outcome,) = with_session(file, "b", tries("1", limits=Limits(0.5)))
    # In the second process the candidate is another message.
    assert isinstance(outcome, TimedOut if kind == "hang" else Closed)
    use(monkeypatch, fstar(tmp_path, exchanges, fault=Fault(1, kind, always=True)))
    with pytest.raises(BackendError):
        with_session(file, "b", tries("1"), Limits(0.5))


BRANCHES = """module B

val f : l:list nat -> Lemma (True)
let rec f l = admit ()

let later = 1
"""


def branch(body: str) -> str:
    return f"\nval f : l:list nat -> Lemma (True)\nlet rec f l = {body}\n"


def test_holes_become_subgoals_and_the_other_holes_stay_admitted(tmp_path, monkeypatch):
    split = "match l with\n| [] -> admit ()\n| hd :: tl -> admit ()"
    first = "match l with\n  | [] -> ()\n  | hd :: tl -> admit ()"
    second = "match l with\n  | [] -> admit ()\n  | hd :: tl -> f tl"
    bad = "match l with\n  | [] -> f l\n  | hd :: tl -> admit ()"
    exchanges = [
        push("module B\n", 1),
        push(branch("admit ()"), 2),
        push(branch(split.replace("\n", "\n  ")), 2),
        push(branch(first), 2),
        push(branch(second), 2),
        push(branch(bad), 2, error("could not prove termination", 4)),
        POP,
    ]
    program = fstar(tmp_path, exchanges)
    use(monkeypatch, program)

    async def work(session: FstarSession) -> None:
        outcome = await session.apply(session.root, Step(split, "definition"), STEP)
        assert isinstance(outcome, Open), outcome
        nil, cons = outcome.subgoals
        assert nil.goal.key != cons.goal.key
        assert (nil.goal.details["scope"], cons.goal.details["scope"]) == ([], ["hd", "tl"])
        assert "here" in cons.goal.conclusion
        assert [h.name for h in cons.goal.hypotheses] == ["l"]
        refused = await session.apply(nil, Step("f l", "definition"), STEP)
        assert isinstance(refused, Rejected)
        assert refused.message == "could not prove termination"
        assert isinstance(await session.apply(nil, Step("()", "definition"), STEP), Closed)
        assert isinstance(await session.apply(cons, Step("f tl", "definition"), STEP), Closed)
        assert isinstance(await session.apply(cons, Step("admit ()", "definition"), STEP), Rejected)

    file = place(tmp_path / "p", BRANCHES, "B.fst")
    with_session(file, "f", work)
    assert all(entry["known"] for entry in pipe_peer.received(program) if "request" in entry)

    whole = branch("match l with\n  | [] -> ()\n  | hd :: tl -> f tl")
    use(monkeypatch, fstar(tmp_path, [*exchanges, push(whole, 2)]))
    result, _ = search(file, "f", {split: -0.5, "()": -0.7, "f tl": -0.6})
    assert result.verdict is Verdict.PROVED, result.reason
    assert [step.text for step in result.steps] == [split, "()", "f tl"]
    assert [step.subgoals for step in result.steps] == [2, 0, 0]


def test_a_search_with_the_portfolio_finds_a_recursive_proof(tmp_path, monkeypatch):
    whole = branch("match l with\n  | [] -> ()\n  | hd :: tl -> f tl")
    peer = fstar(tmp_path, [push("module B\n", 1), push(branch("admit ()"), 2), push(whole, 2), POP])
    (tmp_path / "front").mkdir()
    use(monkeypatch, fake_fstar.write(tmp_path / "front", ide=str(peer)))
    file = place(tmp_path / "p", BRANCHES, "B.fst")
    result, _ = search(file, "f", {}, verified=True, prover=FstarPortfolioProver())
    assert result.verdict is Verdict.PROVED, result.reason
    assert [step.text for step in result.steps] == ["match l with\n| [] -> ()\n| hd :: tl -> f tl"]


def test_what_is_taken_for_granted_does_not_close_a_goal(tmp_path, monkeypatch):
    warning = {"level": "warning", "number": 335, "message": "Every use of this identifier triggers a warning"}
    exchanges = [
        push("module M\n", 1),
        push("\nlet b : int = admit ()\n", 2, {**warning, "ranges": []}),
        push("\nlet b : int = escape\n", 2, {**warning, "ranges": []}),
        POP,
    ]
    use(monkeypatch, fstar(tmp_path, exchanges))
    file = place(tmp_path / "p", "module M\n\nlet b : int = admit ()\n", "M.fst")
    (outcome,) = with_session(file, "b", tries("escape"))
    assert isinstance(outcome, Rejected)
    assert "for granted" in outcome.message


def test_a_success_with_an_error_inside_is_no_success_and_is_popped(tmp_path, monkeypatch):
    exchanges = [
        push("module M\n", 1),
        push("\nlet b : int = admit ()\n", 2),
        push('\nlet b : int = "1"\n', 2, error("expected int"), status="success"),
        push("\nlet b : int = 1\n", 2),
        POP,
    ]
    program = fstar(tmp_path, exchanges)
    use(monkeypatch, program)
    file = place(tmp_path / "p", "module M\n\nlet b : int = admit ()\n", "M.fst")
    bad, good = with_session(file, "b", tries('"1"', "1"))
    assert isinstance(bad, Rejected)
    assert isinstance(good, Closed)
    sent = [request["query"] for request in pipe_peer.requests(program)]
    assert sent == ["push", "push", "pop", "push", "pop", "push", "pop"]


def test_a_file_that_fstar_refuses_above_the_goal_is_an_error_with_its_place(tmp_path, monkeypatch):
    exchanges = [push("module M\n", 1), push("\nlet a : nat = -1\n", 2, error("Subtyping check failed", 3, 14))]
    use(monkeypatch, fstar(tmp_path, exchanges))
    file = place(tmp_path / "p", "module M\n\nlet a : nat = -1\n\nlet b : int = admit ()\n", "M.fst")
    with pytest.raises(InputError, match="Subtyping check failed") as failure:
        with_session(file, "b", tries("1"))
    assert failure.value.location is not None
    assert (failure.value.location.line, failure.value.location.column) == (3, 15)
    assert failure.value.location.file == str(file)


def test_a_compiled_file_is_loaded_up_to_the_goal_where_fstar_can(tmp_path, monkeypatch):
    source = (
        'module M\nopen A\nmodule L = B.C\n\n#push-options "--z3rlimit 20"\n\nlet c = 1\n\nlet b : int = admit ()\n'
    )
    header = 'open A\nmodule L = B.C\n#set-options "--z3rlimit 20"\n'
    target = "\nlet b : int = {}\n"
    loaded = exchange("push-partial-checked-file", {"until-lid": "M.b"}, [])
    exchanges = [loaded, push(header + target.format("admit ()"), 5), push(header + target.format("1"), 5), POP]
    program = fstar(tmp_path, exchanges, greeting=GREETING_3, unknown=False)
    use(monkeypatch, program)
    file = place(tmp_path / "p", source, "M.fst")
    (outcome,) = with_session(file, "b", tries("1"))
    assert isinstance(outcome, Closed)
    assert pipe_peer.requests(program)[0]["query"] == "push-partial-checked-file"


def test_without_a_compiled_file_the_text_above_is_pushed(tmp_path, monkeypatch):
    missing = exchange(
        "push-partial-checked-file", {"until-lid": "M.b"}, [error("cannot find checked file")], "failure"
    )
    exchanges = [
        missing,
        push("module M\n", 1),
        push("\nlet b : int = admit ()\n", 2),
        push("\nlet b : int = 1\n", 2),
        POP,
    ]
    program = fstar(tmp_path, exchanges, greeting=GREETING_3, unknown=False)
    use(monkeypatch, program)
    file = place(tmp_path / "p", "module M\n\nlet b : int = admit ()\n", "M.fst")
    (outcome,) = with_session(file, "b", tries("1"))
    assert isinstance(outcome, Closed)


@pytest.mark.parametrize("kind", ["die", "garbage", "half", "hang"])
def test_an_fstar_that_fails_on_the_compiled_file_gets_the_text(tmp_path, monkeypatch, kind):
    loaded = exchange("push-partial-checked-file", {"until-lid": "M.b"}, [])
    plain = [push("module M\n", 1), push("\nlet b : int = admit ()\n", 2), push("\nlet b : int = 1\n", 2), POP]
    program = fstar(tmp_path, [loaded, *plain], greeting=GREETING_3, fault=Fault(0, kind), unknown=False)
    use(monkeypatch, program)
    file = place(tmp_path / "p", "module M\n\nlet b : int = admit ()\n", "M.fst")
    (outcome,) = with_session(file, "b", tries("1"), Limits(1.0))
    assert isinstance(outcome, Closed)
    assert len([entry for entry in pipe_peer.received(program) if "start" in entry]) == 2


def test_the_solver_is_started_anew_from_time_to_time(tmp_path, monkeypatch):
    monkeypatch.setattr("checkers.fstar.line._SOLVER_QUERIES", 2)
    missing = exchange("push-partial-checked-file", {"until-lid": "M.b"}, [error("no checked file")], "failure")
    bodies = ["1", "2", "3", "4"]
    exchanges = [missing, push("module M\n", 1), POP, exchange("restart-solver", {}, None)]
    exchanges += [push(f"\nlet b : int = {body}\n", 2) for body in ("admit ()", *bodies)]
    program = fstar(tmp_path, exchanges, greeting=GREETING_3, unknown=False)
    use(monkeypatch, program)
    file = place(tmp_path / "p", "module M\n\nlet b : int = admit ()\n", "M.fst")
    outcomes = with_session(file, "b", tries(*bodies))
    assert all(isinstance(outcome, Closed) for outcome in outcomes)
    assert [r["query"] for r in pipe_peer.requests(program)].count("restart-solver") == 2


def test_a_file_that_changed_since_is_given_to_fstar_as_it_was(tmp_path, monkeypatch):
    text = "module Number\n\nlet a : int = admit ()\n"
    added = exchange("vfs-add", {"filename": None, "contents": text}, None)
    exchanges = [
        added,
        push("module Number\n", 1),
        push("\nlet a : int = admit ()\n", 2),
        push("\nlet a : int = 1\n", 2),
        POP,
    ]
    use(monkeypatch, fstar(tmp_path, exchanges, unknown=False))
    file = place(tmp_path / "p", text, "Number.fst")

    async def run() -> Outcome:
        async with Supervisor() as supervisor:
            checker = FstarChecker(supervisor)
            obligation = await checker.select(file, "a", {})
            file.write_text("module Number\n")
            session = await checker.open(obligation, STEP)
            try:
                return await session.apply(session.root, Step("1", "definition"), STEP)
            finally:
                await session.close()

    assert isinstance(asyncio.run(run()), Closed)


def test_steps_that_are_no_bodies_do_not_reach_fstar(tmp_path, monkeypatch):
    exchanges = [push("module M\n", 1), push("\nlet b : int = admit ()\n", 2), POP]
    program = fstar(tmp_path, exchanges)
    use(monkeypatch, program)
    file = place(tmp_path / "p", "module M\n\nlet b : int = admit ()\n", "M.fst")
    before = 3
    outcomes = with_session(file, "b", tries("magic ()", "1 (* c *)", "() let x = 1", "", "\0", "(" * 5000))
    assert all(isinstance(outcome, Rejected) for outcome in outcomes)
    assert len(pipe_peer.requests(program)) == before


def test_fstar_gets_the_options_of_the_project_and_works_in_the_files_folder(tmp_path, monkeypatch):
    exchanges = [push("module M\n", 1), push("\nlet b : int = admit ()\n", 2), POP]
    program = fstar(tmp_path, exchanges)
    use(monkeypatch, program)
    file = place(tmp_path / "p", "module M\n\nlet b : int = admit ()\n", "M.fst")
    config = {
        "fstar_exe": "fstar.exe",
        "options": ["--z3version", "4.13.3", "--cache_dir", "x"],
        "include_dirs": ["lib"],
    }
    (tmp_path / "p" / "P.fst.config.json").write_text(json.dumps(config))
    monkeypatch.setenv("PATH", str(tmp_path / "solvers"), prepend=os.pathsep)
    with pytest.raises(BackendMissing, match=r"Z3 4\.13\.3"):
        with_session(file, "b", tries())
    solver = place(tmp_path / "solvers", "", "z3-4.13.3")
    solver.chmod(0o755)
    # What is installed is looked up once per setting.
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with_session(file, "b", tries())
    start = next(entry["start"] for entry in pipe_peer.received(program) if "start" in entry)
    assert start[:4] == ["--z3version", "4.13.3", "--include", str(tmp_path / "p" / "lib")]
    assert start[-2:] == ["--ide", "M.fst"]


def test_a_file_compiles_or_not(tmp_path, monkeypatch):
    use(monkeypatch, fake_fstar.write(tmp_path, false=["1 == 2"]))
    file = place(tmp_path / "p", "module M\n", "M.fst")

    async def run(text: str) -> str:
        async with Supervisor() as supervisor:
            return await FstarChecker(supervisor).compiles(text, file, {}, Limits(30.0))

    assert asyncio.run(run("module M\nlet f () : Lemma (1 == 1) = admit ()\n")) == ""
    assert "Could not prove 1 == 2" in asyncio.run(run("module M\nlet f () : Lemma (1 == 2) = ()\n"))


def test_without_fstar_a_session_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    file = place(tmp_path / "p", "module M\n\nlet b : int = admit ()\n", "M.fst")
    with pytest.raises(BackendMissing) as failure:
        with_session(file, "b", tries("1"))
    assert "opam install fstar" in failure.value.hint
    assert failure.value.exit_code == 4


def test_a_goals_key_depends_on_what_is_above_it_and_on_the_options(tmp_path, monkeypatch):
    keys = []
    for above, extra in itertools.product(("let c = 1", "let c = 2"), ({}, {"options": ["--z3rlimit", "9"]})):
        source = f"module M\n{above}\n\nlet b : int = admit ()\n"
        exchanges = [push(f"module M\n{above}\n", 1), push("\nlet b : int = admit ()\n", 3), POP]
        use(monkeypatch, fstar(tmp_path, exchanges))
        file = place(tmp_path / "p", source, "M.fst")
        (tmp_path / "p" / "P.fst.config.json").write_text(json.dumps(extra))
        keys.append(with_session(file, "b", root_key))
    assert len(set(keys)) == 4


async def root_key(session: FstarSession) -> str:
    return session.root.goal.key


real = pytest.mark.skipif(shutil.which("fstar.exe") is None, reason="fstar.exe is not installed")


@pytest.mark.fstar
@real
def test_the_real_fstar_judges_the_recorded_bodies_as_it_did(tmp_path):
    file = place(tmp_path / "project", SOURCE)
    wrong, right = with_session(file, "b", tries(WRONG, RIGHT, limits=Limits(120.0)), Limits(300.0))
    assert isinstance(wrong, Rejected)
    assert isinstance(right, Closed)


@pytest.mark.fstar
@real
def test_the_real_fstar_leaves_holes_as_subgoals(tmp_path):
    async def work(session: FstarSession) -> None:
        split = "match l with\n| [] -> admit ()\n| hd :: tl -> admit ()"
        outcome = await session.apply(session.root, Step(split, "definition"), Limits(120.0))
        assert isinstance(outcome, Open), outcome
        for subgoal in outcome.subgoals:
            assert isinstance(await session.apply(subgoal, Step("()", "definition"), Limits(120.0)), Closed)

    with_session(place(tmp_path / "p", BRANCHES, "B.fst"), "f", work, Limits(300.0))


@pytest.mark.fstar
@real
def test_a_search_with_the_real_fstar(tmp_path):
    file = place(tmp_path / "project", SOURCE)
    result, _ = search(file, "b", {WRONG: -0.1, RIGHT: -1.0}, verified=True, seconds=300.0, step=120.0)
    assert result.verdict is Verdict.PROVED, result.reason
