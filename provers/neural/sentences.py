"""Coq proofs cut into steps: sentences in the order in which they are played, without the script's structure."""

from __future__ import annotations

import re

_COMMENT = re.compile(r"\(\*|\*\)")
_TOKEN = re.compile(r'\(\*|"|\.(?=\s|$)|\.\.+(?=\s|$)')
_BULLET = re.compile(r"\s*(?:-+|\++|\*+|[{}])(?=\s|\w|[(\[?@{}]|$)")
_SELECTOR = re.compile(r"\s*(\d+|all|par|\[[\w']+\])\s*:(?!=)\s*")
_STATES = re.compile(
    r"(?:Local |Global |#\[[^\]]*\] ?)*"
    r"(?:Theorem|Lemma|Fact|Remark|Corollary|Proposition|Property|Example|Goal|Definition|Instance)\b"
)
_ENDS = re.compile(r"(?:Qed|Defined|Admitted|Abort|Save)\b")
_HOLE = re.compile(r"(?<![\w'.])(?:admit|give_up|cheat|sorry)(?![\w'])")
_LONGEST = 8192


def sentences(text: str) -> list[str]:
    """Return the sentences of a script, comments taken out, bullets still in front; the last may lack its dot."""
    found: list[str] = []
    out: list[str] = []
    at = 0
    while token := _TOKEN.search(text, at):
        out.append(text[at : token.start()])
        sign = token.group()
        if sign == "(*":
            at = _behind_comment(text, token.end())
            out.append(" ")
        elif sign == '"':
            end = text.find('"', token.end())
            at = len(text) if end < 0 else end + 1
            out.append(text[token.start() : at])
        else:
            found.append("".join(out))
            out = []
            at = token.end()
    found.append("".join(out) + text[at:])
    return [sentence for sentence in found if sentence.strip()]


def _behind_comment(text: str, at: int) -> int:
    depth = 1
    while depth:
        sign = _COMMENT.search(text, at)
        if sign is None:
            return len(text)
        depth += 1 if sign.group() == "(*" else -1
        at = sign.end()
    return at


def steps(text: str, *, complete: bool = True) -> tuple[list[str | None], bool]:
    """Cut a proof into steps; None is a hole.

    Bullets and braces are left out: steps are played depth first, which is the order of a structured script anyway.

    Args:
        text: a script, or a whole file of which the last proof counts.
        complete: whether the text is whole; otherwise its last sentence is left out where it has no dot.

    Returns:
        The steps, and whether they stop at something that cannot be followed.
    """
    parts = sentences(text)
    if not complete and parts and not text.rstrip().endswith("."):
        parts.pop()
    begins = [i for i, part in enumerate(parts) if _STATES.match(part.lstrip())]
    found: list[str | None] = []
    for part in parts[begins[-1] + 1 :] if begins else parts:
        sentence = _unstructured(part)
        if not sentence:
            continue
        if _ENDS.match(sentence):
            break
        if sentence[0].isupper():
            continue
        selector = _SELECTOR.match(sentence)
        tactic = " ".join(sentence[selector.end() if selector else 0 :].split())
        if not tactic or tactic == "{":
            continue
        if _HOLE.fullmatch(tactic) and not selector:
            found.append(None)
        elif _HOLE.search(tactic):
            return found, True
        elif selector and selector[1] in ("all", "par") and found:
            last = found[-1]
            if last is None or len(last) > _LONGEST:
                return found, True
            found[-1] = f"{last}; {_grouped(tactic)}"
        elif selector and selector[1] not in ("1", "all", "par"):
            return found, True
        else:
            found.append(tactic)
    return found, False


def _unstructured(sentence: str) -> str:
    at = 0
    while bullet := _BULLET.match(sentence, at):
        at = bullet.end()
    return sentence[at:].strip()


def _grouped(tactic: str) -> str:
    return f"({tactic})" if ";" in tactic or "||" in tactic else tactic
