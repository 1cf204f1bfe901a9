"""Lean proofs cut into steps, by their layout: blocks of `by`, bullets, `have`s with proofs of their own."""

from __future__ import annotations

import re
import textwrap

from provers.neural.source import definition_sign

_DECLARES = re.compile(
    r"^(?:@\[[^\]\n]*\][ \t]*)?(?:(?:private|protected|noncomputable|local)[ \t]+)*"
    r"(?:theorem|lemma|example|def|instance|abbrev)\b",
    re.M,
)
_COMMAND = re.compile(
    r"^(?:@\[|theorem\b|lemma\b|example\b|def\b|instance\b|abbrev\b|end\b|namespace\b|section\b|import\b|open\b"
    r"|variable\b|set_option\b(?!.*\bin\b)|#\w|/--)",
    re.M,
)
_COMMENT = re.compile(r"/-|--|\"")
_IN_COMMENT = re.compile(r"/-|-/")
_STRING_END = re.compile(r'(?:[^"\\]|\\.)*+"', re.S)
_BULLET = re.compile(r"(?:[·•]|\.(?= ))[ \t]*")
_HOLE = re.compile(r"(?<![\w'.])(?:sorry|admit)(?![\w'])")
_PLACE = re.compile(r"(:=|=>)\s*(?:by\s+)?(?:sorry|admit)(?![\w'])")
_HAVE = re.compile(r"have\b[^\n]*?:=[ \t]*by(?:[ \t]*\n|[ \t]+(?=(?:sorry|admit)\s*\Z))")
_BY_AT_END = re.compile(r":=\s*by\s*\Z")
_AMONG_GOALS = re.compile(r"(?:all_goals|any_goals)[ \t]+(?=\S)")
_REORDERS = re.compile(r"(?:swap|rotate_left|rotate_right|pick_goal|on_goal|rotate|stop)\b")
_GOES_ON = re.compile(r"(?:\||<;>|then\b|else\b|at\b|with\b|using\b|from\b|[)\]}⟩])")
_DEEPEST = 40
_LONGEST = 8192


def steps(text: str, name: str = "", *, complete: bool = True) -> tuple[list[str | None], bool]:
    """Cut a proof into steps; None is a hole.

    Args:
        text: tactics, or a file of which one declaration's proof counts.
        name: of that declaration; without it, or where there is none of this name, the last one counts.
        complete: whether the text is whole; otherwise its last line is left out.

    Returns:
        The steps, and whether they stop at something that cannot be followed.
    """
    text = _without_comments(text.replace("\t", "  "))
    if not complete and not text.endswith("\n"):
        text = text[: text.rfind("\n") + 1]
    found: list[str | None] = []
    stopped = _gather(_body(text, name), found, 0)
    return found, stopped


def _without_comments(text: str) -> str:
    out: list[str] = []
    at = 0
    while sign := _COMMENT.search(text, at):
        out.append(text[at : sign.start()])
        if sign.group() == '"':
            end = _STRING_END.match(text, sign.end())
            at = end.end() if end else len(text)
            out.append(text[sign.start() : at])
        elif sign.group() == "--":
            end_of_line = text.find("\n", sign.end())
            at = len(text) if end_of_line < 0 else end_of_line
        else:
            at = _behind_comment(text, sign.end())
    out.append(text[at:])
    return "\n".join(line.rstrip() for line in "".join(out).split("\n"))


def _behind_comment(text: str, at: int) -> int:
    depth = 1
    while depth:
        sign = _IN_COMMENT.search(text, at)
        if sign is None:
            return len(text)
        depth += 1 if sign.group() == "/-" else -1
        at = sign.end()
    return at


def _body(text: str, name: str) -> str:
    """Return the proof of the declaration that is meant, as tactics."""
    declared = list(_DECLARES.finditer(text))
    if declared:
        named = re.compile(rf"[ \t]+(?:[\w.']+\.)?{re.escape(name.rsplit('.', 1)[-1])}(?![\w'])") if name else None
        own = [match for match in declared if named is not None and named.match(text, match.end())]
        text = text[(own or declared)[-1].start() :]
        text = text[definition_sign(text) :]
        if not text.startswith(":="):
            return ""
        text = text[2:]
        if not re.match(r"\s*by\b", text):
            term = until_command(text).strip()
            return f"exact {textwrap.indent(term, '  ').strip()}" if term else ""
    text = re.sub(r"\A\s*(?::=\s*)?by\b[ \t]*", "", text)
    return until_command(text)


def until_command(text: str) -> str:
    """Return what stands before the first line that begins a command."""
    after = _COMMAND.search(text)
    return text[: after.start()] if after else text


def _gather(text: str, found: list[str | None], depth: int) -> bool:
    """Add the steps of a block of tactics; return whether they stop short."""
    return any(_add(tactic, found, depth) for tactic in _tactics(text))


def _add(tactic: str, found: list[str | None], depth: int) -> bool:
    bullet = _BULLET.match(tactic)
    if bullet and depth < _DEEPEST:
        return _gather(" " * bullet.end() + tactic[bullet.end() :], found, depth + 1)
    if tactic.startswith("{") and tactic.endswith("}") and depth < _DEEPEST:
        return _gather(" " + tactic[1:-1], found, depth + 1)
    if tactic in ("done", "skip"):
        # Whether a goal is closed is seen anyway, and the next step would be for another goal.
        return False
    among = _AMONG_GOALS.match(tactic)
    if among:
        last = found[-1] if found else None
        if last is None or "\n" in last or len(last) > _LONGEST:
            return True
        rest = tactic[among.end() :]
        found[-1] = f"{last} <;> {rest if rest.startswith('(') else f'({rest})'}"
        return bool(_HOLE.search(rest))
    if _REORDERS.match(tactic):
        return True
    if _HOLE.fullmatch(tactic):
        found.append(None)
        return False
    have = _HAVE.match(tactic)
    if have and depth < _DEEPEST:
        # As a tactic, `have ... := ?_` would leave what it claims behind the goal; the proof that follows comes first.
        found.append(f"refine ({re.sub(_BY_AT_END, ':= ?_', have.group())}; ?_)")
        return _gather(tactic[have.end() :], found, depth + 1)
    if not _HOLE.search(tactic):
        found.append(tactic)
        return False
    sketch = _PLACE.sub(r"\1 ?_", tactic)
    if not _HOLE.search(sketch):
        found.append(sketch)
    return True


def _tactics(text: str) -> list[str]:
    """Cut a block into its tactics, each with its further lines indented relative to its first."""
    lines = [line.rstrip() for line in text.split("\n") if line.strip()]
    if not lines:
        return []
    # The first line may have lost its blanks: it stood behind `by`, or at the beginning of an answer.
    first, *rest = lines
    margins = [len(line) - len(line.lstrip(" ")) for line in rest]
    own = len(first) - len(first.lstrip(" "))
    margin = own if own or not rest else min(margins)
    goes_on = first.startswith("{") or first.rstrip().endswith((" by", "=>", "with", " do", ":=", ",", "<;>"))
    if rest and not own and margin and goes_on:
        # What follows is part of the first tactic.
        margin = 0
    tactics = [[first.lstrip(" ")]]
    for line, indented in zip(rest, margins, strict=True):
        if indented <= margin and not _GOES_ON.match(line.lstrip(" ")):
            tactics.append([line.lstrip(" ")])
        else:
            tactics[-1].append(line[min(margin, indented) :])
    return [piece for tactic in tactics for piece in _semicolons("\n".join(tactic))]


def _semicolons(tactic: str) -> list[str]:
    """Cut a line at its semicolons, where they stand between tactics of this level."""
    if ";" not in tactic or "\n" in tactic:
        return [tactic]
    depth, begin = 0, 0
    pieces: list[str] = []
    for match in re.finditer(r"[(\[{⟨]|[)\]}⟩]|<;>|;|\bby\b|=>", tactic):
        sign = match.group()
        if sign in "([{⟨":
            depth += 1
        elif sign in ")]}⟩":
            depth -= 1
        elif depth == 0 and sign in ("by", "=>"):
            break
        elif depth == 0 and sign == ";":
            pieces.append(tactic[begin : match.start()].strip())
            begin = match.end()
    return [piece for piece in [*pieces, tactic[begin:].strip()] if piece]
