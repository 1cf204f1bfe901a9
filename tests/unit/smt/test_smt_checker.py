from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

from checkers.process import Supervisor
from checkers.smt.checker import SmtChecker
from lemmata.errors import BackendCrashed, InputError
from lemmata.outcome import Closed, Crashed, Rejected, TimedOut
from lemmata.protocols import Refuter, Session
from lemmata.step import Step
from lemmata.verdict import Limits, Verdict

T = TypeVar("T")
LIMITS = Limits(20.0)
UNSAT = "(set-logic QF_LIA)\n(declare-const x Int)\n(assert (> x x))\n(check-sat)\n"
SAT = "(declare-const x Int)\n(assert (> (* 2 x) 5))\n(assert (< x 4))\n(check-sat)\n"
HARD = (
    "(declare-const x Int)(declare-const y Int)(declare-const z Int)(assert (> x 1))(assert (> y 1))(assert (> z 1))"
    + ("(assert (= (+ (* x x x) (* y y y)) (* z z z)))(check-sat)")
)


def use(work: Callable[[SmtChecker], Awaitable[T]]) -> T:
    async def run() -> T:
        async with Supervisor() as supervisor:
            return await work(SmtChecker(supervisor))

    return asyncio.run(run())


def in_session(tmp_path: Path, text: str, work: Callable[[Any], Awaitable[T]]) -> T:
    async def run(checker: SmtChecker) -> T:
        path = tmp_path / "f.smt2"
        path.write_text(text)
        (obligation,) = await checker.obligations(path, {})
        session = await checker.open(obligation, LIMITS)
        assert isinstance(session, Session)
        assert isinstance(session, Refuter)
        try:
            return await work(session)
        finally:
            await session.close()

    return use(run)


@pytest.mark.parametrize("step", ["auto", "cvc5", "z3:smt.arith.solver=2 smt.random_seed=7", "z3:tactic=smt"])
def test_steps_close_and_are_rejected(tmp_path: Path, step: str) -> None:
    async def work(session: Any) -> Any:
        return await session.apply(session.root, Step(step), LIMITS)

    assert isinstance(in_session(tmp_path, UNSAT, work), Closed)
    rejected = in_session(tmp_path, SAT, work)
    assert isinstance(rejected, Rejected)
    assert rejected.model == ({} if step == "cvc5" else {"x": "3"})


def test_hard_and_odd_steps(tmp_path: Path) -> None:
    async def work(session: Any) -> Any:
        slow = await session.apply(session.root, Step("auto"), Limits(0.3))
        odd = await session.apply(session.root, Step("z3:trace=true"), LIMITS)
        kind = await session.apply(session.root, Step("x", "clauses"), LIMITS)
        return slow, odd, kind, await session.refute(Limits(0.3))

    slow, odd, kind, refuted = in_session(tmp_path, HARD, work)
    assert isinstance(slow, TimedOut)
    assert isinstance(odd, Rejected)
    assert isinstance(kind, Rejected)
    assert refuted is None


def test_the_goal_and_the_counterexample(tmp_path: Path) -> None:
    async def work(session: Any) -> Any:
        return session.root.goal, await session.refute(LIMITS)

    goal, refuted = in_session(tmp_path, SAT, work)
    assert [h.text for h in goal.hypotheses] == ["(> (* 2 x) 5)", "(< x 4)"]
    assert refuted == {"model": {"x": "3"}, "others": []}


def test_what_z3_does_not_understand_has_a_place(tmp_path: Path) -> None:
    async def work(session: Any) -> None:
        raise AssertionError

    with pytest.raises(InputError, match="unknown constant y") as caught:
        in_session(tmp_path, "(assert true)\n  (assert (> y 1))\n(check-sat)", work)
    assert caught.value.location
    assert (caught.value.location.line, caught.value.location.column) == (2, 3)


class _Dead:
    """A child that dies at its first request."""

    async def request(self, method: str, params: Any, timeout: float | None) -> Any:
        if method == "parse":
            return {"errors": ""}
        raise BackendCrashed("killed by signal 11")

    async def close(self) -> None:
        pass


class _Launcher:
    async def start(self, arguments: Sequence[str], limits: Limits) -> _Dead:
        return _Dead()


def test_a_solver_that_dies(tmp_path: Path) -> None:
    path = tmp_path / "f.smt2"
    path.write_text(UNSAT)

    async def run() -> None:
        checker = SmtChecker(_Launcher())
        (obligation,) = await checker.obligations(path, {})
        session = await checker.open(obligation, LIMITS)
        assert isinstance(await session.apply(session.root, Step("auto"), LIMITS), Crashed)
        assert await session.refute(LIMITS) is None
        said = await checker.verify(obligation, checker.artefact(obligation, []), "proved", LIMITS, {})
        assert said.verdict is Verdict.UNKNOWN
        assert {audit.result for audit in said.audits} == {"error"}

    asyncio.run(run())


class _Scripted:
    """Solvers that answer what they are told to."""

    def __init__(self, z3: str, cvc5: str) -> None:
        self._answers = {"checkers.smt.worker": z3, "checkers.smt.second": cvc5}

    async def start(self, arguments: Sequence[str], limits: Limits) -> Any:
        answer = {"answer": self._answers[arguments[-1]], "detail": "", "values": "", "seconds": 0.0}

        class Child(_Dead):
            async def request(self, method: str, params: Any, timeout: float | None) -> Any:
                if arguments[-1] == "checkers.smt.second":
                    return {"answers": [answer], "cvc5": "1"}
                return {**answer, "z3": "1"} if method == "check" else {"holds": True, "fails": False}

        return Child()


@pytest.mark.parametrize(
    ("z3", "cvc5", "proof", "strict", "model"),
    [
        ("unsat", "unsat", "proved", "proved", "unknown"),
        ("unsat", "unknown", "proved", "unknown", "unknown"),
        ("unsat", "error", "proved", "unknown", "unknown"),
        ("unknown", "unsat", "proved", "unknown", "unknown"),
        ("error", "unsat", "unknown", "unknown", "unknown"),
        ("unsat", "sat", "error", "error", "error"),
        ("sat", "unsat", "error", "error", "error"),
        ("sat", "sat", "unknown", "unknown", "disproved"),
        ("unknown", "sat", "unknown", "unknown", "unknown"),
        ("sat", "unknown", "unknown", "unknown", "unknown"),
        ("unknown", "unknown", "unknown", "unknown", "unknown"),
    ],
)
def test_joining_the_answers(tmp_path: Path, z3: str, cvc5: str, proof: str, strict: str, model: str) -> None:
    path = tmp_path / "f.smt2"
    path.write_text(UNSAT)

    async def run() -> list[str]:
        checker = SmtChecker(_Scripted(z3, cvc5))
        (obligation,) = await checker.obligations(path, {})
        artefact = checker.artefact(obligation, [Step("auto")])
        said = [
            await checker.verify(obligation, artefact, "proved", LIMITS, {}),
            await checker.verify(obligation, artefact, "proved", LIMITS, {"require_both": "1"}),
            await checker.verify(obligation, '{"model": {"x": "1"}, "others": []}', "disproved", LIMITS, {}),
        ]
        return [s.verdict.value for s in said]

    assert asyncio.run(run()) == [proof, strict, model]


def test_probe_and_reading(tmp_path: Path) -> None:
    assert use(lambda checker: checker.probe()).available
    for name, content in (("big.smt2", b" " * (3 << 20)), ("bin.smt2", b"\xff\0"), ("nul.smt2", b"(check-sat)\0")):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(InputError):
            use(lambda checker, path=path: checker.obligations(path, {}))
    with pytest.raises(InputError):
        use(lambda checker: checker.obligations(tmp_path / "missing.smt2", {}))
