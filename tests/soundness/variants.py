"""Random wrong variants of programs: one or two operators or numbers are exchanged."""

from __future__ import annotations

import random
import re

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_TOKEN = re.compile(r"<=|>=|==|!=|&&|\|\||\+\+|--|\+=|-=|[<>]|(?<![\w)\]]\s)(?<=[\w)\]] )[-+](?= )|\b\d+\b")
_OTHERS = {
    "<": ("<=", ">"), "<=": ("<", ">="), ">": (">=", "<"), ">=": (">", "<="), "==": ("!=", "<="), "!=": ("==",),
    "&&": ("||",), "||": ("&&",), "++": ("--",), "--": ("++",), "+=": ("-=",), "-=": ("+=",), "+": ("-",), "-": ("+",),
}  # fmt: skip
_CHANGES = (-2, -1, 1, 2, 10)


def variant(source: str, seed: int) -> str | None:
    """Return a program that differs from a given one in one or two tokens, None where there are none to exchange.

    Comments are taken out, but those that are annotations.
    """
    rng = random.Random(seed)
    text = _COMMENT.sub(lambda m: m[0] if m[0][2:3] == "@" else " ", source)
    # Declarations and directives stay as they are: only what lies in a function's body changes.
    begin = text.find("{")
    for _ in range(rng.choice((1, 1, 2))):
        places = [m for m in _TOKEN.finditer(text, max(begin, 0)) if not _in_directive(text, m.start())]
        if not places:
            return None
        chosen = rng.choice(places)
        old = chosen[0]
        new = rng.choice(_OTHERS[old]) if old in _OTHERS else str(abs(int(old) + rng.choice(_CHANGES)))
        text = text[: chosen.start()] + new + text[chosen.end() :]
    return text


def _in_directive(text: str, place: int) -> bool:
    return text[text.rfind("\n", 0, place) + 1 : place].lstrip().startswith("#")
