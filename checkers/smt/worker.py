"""Z3 on SMT-LIB text, in a process of its own; it reads a text exactly as the command `z3` would.

Run as `python -m checkers.smt.worker`; speaks the protocol of `lemmata.rpc`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from lemmata.rpc import serve

_PRINTING = (
    "(set-option :pp.min_alias_size 1000000)(set-option :pp.max_depth 1000000)(set-option :model.completion true)"
)
"""Values are printed whole, and every constant has one."""


class _Z3:
    """One fresh context; commands are run in it one text after the other."""

    def __init__(self) -> None:
        import z3

        self._z3 = z3
        self._context = z3.Context()
        self.version = z3.get_version_string()

    def run(self, text: str) -> str:
        """Return what Z3 prints, errors included."""
        try:
            said = self._z3.Z3_eval_smtlib2_string(self._context.ref(), text)
        except self._z3.Z3Exception as error:
            said = error.args[0] if error.args else error
        return (said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)).strip()


def parse(params: Mapping[str, Any]) -> dict[str, Any]:
    """Read the commands of `text` without asking anything; `errors` is what Z3 has against them."""
    solver = _Z3()
    return {"errors": solver.run(params["text"]), "z3": solver.version}


def check(params: Mapping[str, Any]) -> dict[str, Any]:
    """Decide `text`, a script with a `(check-sat)` on its last line.

    `settings` are pairs of name and value; `seconds` is the time it may take; `constants` are symbols whose values are
    wanted where the answer is `sat`. Answers are `sat`, `unsat`, `unknown` or `error`.
    """
    began = time.monotonic()
    settings = dict(params.get("settings", ()))
    text = params["text"]
    if tactic := settings.pop("tactic", ""):
        text = text.removesuffix("(check-sat)") + f"(check-sat-using {tactic})"
    solver = _Z3()
    limit = max(1, int(1000 * params["seconds"]))
    options = "".join(f"(set-option :{name} {value})" for name, value in settings.items())
    said = solver.run(f"(set-option :timeout {limit}){options}{_PRINTING}")
    # An error in any command leaves that command out: then the last line answers another question.
    said = said or solver.run(text)
    answer, detail, values = said, "", ""
    if said == "unknown":
        detail = solver.run("(get-info :reason-unknown)").removeprefix("(:reason-unknown").removesuffix(")").strip(' "')
    elif said == "sat" and params.get("constants"):
        values = solver.run(f"(get-value ({' '.join(params['constants'])}))")
    elif said not in ("sat", "unsat"):
        answer, detail = "error", said[:500]
    seconds = time.monotonic() - began
    return {"answer": answer, "detail": detail, "values": values, "seconds": seconds, "z3": solver.version}


def evaluate(params: Mapping[str, Any]) -> dict[str, Any]:
    """Simplify every assertion of `text`, of which there are `count`.

    `holds` says whether all of them are true, `fails` whether one is false; neither, where some stay open.
    """
    began = time.monotonic()
    said = _Z3().run(params["text"]).split("\n")
    holds = said == ["true"] * params["count"] if params["count"] else said == [""]
    return {"holds": holds, "fails": "false" in said, "seconds": time.monotonic() - began}


def main() -> None:
    """Serve requests until standard input ends."""
    serve({"parse": parse, "check": check, "evaluate": evaluate})


if __name__ == "__main__":
    main()
