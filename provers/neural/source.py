"""Finding in a source file, by its text alone, the declaration that an obligation belongs to.

This is for prompts only: where the text is unusual, a model reads a little too much or too little.
"""

from __future__ import annotations

import re

from lemmata.goal import GoalView

_LONGEST_ABOVE = 6000
_LONGEST_HEAD = 1000
_LONGEST_STATEMENT = 6000
_WORDS = {
    "coq": r"Theorem|Lemma|Fact|Remark|Corollary|Proposition|Property|Example|Definition|Instance|Goal|Fixpoint",
    "lean": r"theorem|lemma|def|instance|example|abbrev",
    "isabelle": r"theorem|lemma|corollary|proposition|schematic_goal",
    "fstar": r"val|let rec|let|and",
}
_IMPORTS = re.compile(r"\s*(?:import|open|set_option|Require|From|Import|module|theory|imports|begin|namespace)\b.*")
_PROOF = re.compile(r"(?:^|\s)(?:by|apply|proof|sorry|using|unfolding|oops|supply|\.\.?)(?=\s|$|\()", re.M)
_SENTENCE_END = re.compile(r"\.(?=\s|$)")


def above(view: GoalView) -> str:
    """Return what stands in the file above the declaration; of a long file its imports and its last part."""
    source = view.obligation.source
    text = source[: _start(view)]
    if text and not text.endswith("\n"):
        text = text[: text.rfind("\n") + 1]
    if len(text) <= _LONGEST_ABOVE:
        return text
    tail = text[-_LONGEST_ABOVE:]
    tail = tail[tail.find("\n") + 1 :]
    head = "\n".join(line for line in text[: 4 * _LONGEST_HEAD].split("\n") if _IMPORTS.fullmatch(line))
    return f"{head[:_LONGEST_HEAD]}\n\n{tail}"


def theorem(view: GoalView) -> str:
    """Return the declaration that the obligation belongs to, without its proof."""
    source, start = view.obligation.source, _start(view)
    text = source[start : start + _LONGEST_STATEMENT]
    match view.goal.system:
        case "lean":
            return f"{text[: definition_sign(text)].rstrip()} := by"
        case "coq":
            end = _SENTENCE_END.search(text)
            return text[: end.end()] if end else text
        case "isabelle":
            found = _PROOF.search(text)
            return (text[: found.start()] if found else text).rstrip()
        case "fstar":
            return source[start : max(_offset(view), start)].rstrip()
        case _:
            return text


def as_statement(view: GoalView) -> str:
    """Return what a whole proof would prove: the declaration, or below the root a lemma that says the same."""
    goal = view.goal
    whole = view.depth == 0 and "#" not in view.obligation.name
    if whole or goal.system not in ("coq", "lean", "isabelle"):
        return theorem(view)
    if goal.system == "isabelle":
        given = "".join(f' assumes "{h.text}"' for h in goal.hypotheses)
        shows = f' shows "{goal.conclusion}"' if given else f' "{goal.conclusion}"'
        return f"lemma{given}{shows}"
    kept = [h for h in goal.hypotheses if not h.text.startswith(":= ")]
    binders = "".join(f" ({h.name} : {h.text})" for h in kept)
    if goal.system == "coq":
        return f"Lemma goal{binders} : {goal.conclusion}."
    return f"theorem goal{binders} : {goal.conclusion} := by"


def _offset(view: GoalView) -> int:
    """Return where in the source the obligation's location is."""
    source, place = view.obligation.source, view.obligation.location
    lines = source.split("\n")
    row = min(max((place.line or 1) - 1, 0), len(lines) - 1)
    return min(sum(len(line) + 1 for line in lines[:row]) + max((place.column or 1) - 1, 0), len(source))


def _start(view: GoalView) -> int:
    """Return where the declaration begins."""
    source, place = view.obligation.source, _offset(view)
    name = re.split(r"[#@]", view.obligation.name)[0].rsplit(".", 1)[-1]
    words = _WORDS.get(view.goal.system)
    if not words or not name:
        return place
    pattern = re.compile(
        rf"^[ \t]*(?:(?:@\[[^\]\n]*\]|[a-z#]+)[ \t]+)*?(?:{words})[ \t]+{re.escape(name)}(?![\w'])", re.M
    )
    found = [match for match in pattern.finditer(source[: place + 400]) if match.start() <= place]
    if not found:
        return source.rfind("\n", 0, place) + 1
    last = found[-1]
    if view.goal.system == "fstar":
        # A `val` above belongs to the `let` below it.
        vals = [match for match in found if match.group().lstrip().startswith("val")]
        last = vals[-1] if vals else last
    return last.start()


def definition_sign(text: str) -> int:
    """Return where the `:=` or `where` of a Lean declaration stands, outside of all brackets."""
    depth = 0
    for match in re.finditer(r"[(\[{⟨]|[)\]}⟩]|:=|\bwhere\b|^\s*\|", text, re.M):
        if match.group() in "([{⟨":
            depth += 1
        elif match.group() in ")]}⟩":
            depth -= 1
        elif depth <= 0:
            return match.start()
    return len(text)
