"""The second opinion: cvc5 on SMT-LIB text, in a process of its own.

Run as `python -m checkers.smt.second`; speaks the protocol of `lemmata.rpc`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from lemmata.rpc import serve


def check(params: Mapping[str, Any]) -> dict[str, Any]:
    """Decide each text of `queries` within `seconds` altogether; answers are `sat`, `unsat`, `unknown` or `error`."""
    import cvc5

    deadline = time.monotonic() + float(params["seconds"])
    answers = []
    for text in params["queries"]:
        began = time.monotonic()
        answer, detail = _decide(text, max(0.01, deadline - began))
        answers.append({"answer": answer, "detail": detail, "seconds": time.monotonic() - began})
    return {"answers": answers, "cvc5": cvc5.__version__ if hasattr(cvc5, "__version__") else "unknown"}


def _decide(text: str, seconds: float) -> tuple[str, str]:
    import cvc5

    try:
        terms = cvc5.TermManager()
        solver = cvc5.Solver(terms)
        solver.setOption("tlimit-per", str(int(1000 * seconds) or 1))
        reader = cvc5.InputParser(solver)
        reader.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "condition")
        symbols = reader.getSymbolManager()
        last = ""
        asked = 0
        while not (command := reader.nextCommand()).isNull():
            if command.getCommandName() == "check-sat":
                asked += 1
            last = command.invoke(solver, symbols).strip() or last
        if asked != 1:
            return "error", f"{asked} questions in the text"
        return (last, "") if last in ("sat", "unsat", "unknown") else ("error", last[:500])
    except RuntimeError as error:
        return "error", str(error)[:500]


def main() -> None:
    """Serve requests until standard input ends."""
    serve({"check": check})


if __name__ == "__main__":
    main()
