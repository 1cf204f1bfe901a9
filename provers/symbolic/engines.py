"""Engines that others wrote, each alone on the conditions of a program: what our own search is compared with.

Run as `python -m provers.symbolic.engines`; speaks the protocol of `lemmata.rpc`. An engine is taken at its word: its
answer counts as it is given, without the check that our own proofs have to pass.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from lemmata.errors import InputError
from lemmata.logic.transition import TransitionSystem, decode
from lemmata.rpc import serve
from provers.symbolic import sygus
from provers.symbolic.horn import HornSolver, Options, Reachable

Answer = tuple[str, str]
"""`safe`, `unsafe` or `unknown`, and why the last."""


def _spacer(options: Options) -> Callable[[TransitionSystem, float], Answer]:
    def ask(system: TransitionSystem, seconds: float) -> Answer:
        try:
            found = HornSolver(system, {c.name: c.variables for c in system.loops}).solve(seconds, options)
        except Reachable:
            return "unsafe", ""
        return ("safe", "") if found is not None else ("unknown", "no answer")

    return ask


def _sygus(system: TransitionSystem, seconds: float) -> Answer:
    began = time.perf_counter()
    try:
        try:
            found = sygus.solve(system, seconds, sygus.SETTINGS[0])
        except sygus.Unsatisfiable:
            # That may only say that there is no invariant of the form that this way looks for.
            found = sygus.solve(system, max(seconds - (time.perf_counter() - began), 0.01), sygus.PLAIN)
    except sygus.Unsatisfiable:
        return "unsafe", ""
    except InputError as error:
        return "unknown", error.message
    return ("safe", "") if found is not None else ("unknown", "no answer")


ENGINES: Mapping[str, Callable[[TransitionSystem, float], Answer]] = {
    "spacer": _spacer({}),
    "gspacer": _spacer({"spacer.global": True}),
    "cvc5-sygus": _sygus,
}
"""By the name that `lemmata bench --peer` knows them under."""


def warm(params: Mapping[str, Any]) -> list[str]:
    """Load the engines' libraries, so that this is in nobody's time; return the engines' names."""
    del params
    import cvc5
    import z3

    z3.Fixedpoint()
    cvc5.Solver()
    return list(ENGINES)


def solve(params: Mapping[str, Any]) -> dict[str, Any]:
    """Ask one engine.

    Args:
        params: `engine`, a name; `system`, a transition system as `encode` writes it; `seconds`, its time limit.

    Returns:
        `answer`, `reason` and `seconds`: the engine's own time, its encoding included.

    Raises:
        InputError: there is no such engine.
    """
    engine = ENGINES.get(params["engine"])
    if engine is None:
        raise InputError(f"there is no engine '{params['engine']}'", hint=f"say {', '.join(ENGINES)}")
    system = decode(params["system"])
    began = time.perf_counter()
    answer, reason = engine(system, float(params["seconds"]))
    return {"answer": answer, "reason": reason, "seconds": time.perf_counter() - began}


def main() -> None:
    """Serve requests until standard input ends."""
    serve({"warm": warm, "solve": solve})


if __name__ == "__main__":
    main()
