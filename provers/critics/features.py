"""What goals and loop invariants are told apart by: words, neighbours and sizes, as features with weights."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence

from provers.retrieval.tokens import words

_MOST = 600
_MOST_HYPOTHESES = 32
_ASSERTED = re.compile(r"(?:assert|__VERIFIER_assert|sassert)\s*\(((?:[^()]|\([^()]*\))*)\)|@\s*assert\s+([^;]*);")
_GUARDED = re.compile(r"\b(?:while|for)\s*\(((?:[^()]|\([^()]*\))*)\)")
_TOKEN = re.compile(r"\\\w+|[^\W\d]\w*|\d+|<==>|==>|[<>=!]=|&&|\|\||[-+*/%<>!^]")
_KEYWORDS = frozenset(("int", "unsigned", "long", "while", "for", "if", "else", "return", "void", "char", "const"))


def goal_words(conclusion: str, hypotheses: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield the words of a goal and the pairs of words that stand side by side in its conclusion."""
    local = frozenset(name for name, _ in hypotheses)
    found = words(conclusion, local)[:_MOST]
    yield from found
    yield from (f"{first} {second}" for first, second in itertools.pairwise(found))
    for _, text in hypotheses[-_MOST_HYPOTHESES:]:
        yield from (f"h:{word}" for word in words(text, local)[:_MOST])


def goal_features(system: str, conclusion: str, hypotheses: Sequence[tuple[str, str]], depth: int) -> dict[str, float]:
    """Return a goal's features: all together have length 1, beside a few that say how large it is.

    Args:
        system: its proof system.
        conclusion: text.
        hypotheses: names and texts.
        depth: number of steps above it.
    """
    found = dict.fromkeys(goal_words(conclusion, hypotheses), 1.0)
    norm = math.sqrt(len(found)) or 1.0
    features = dict.fromkeys(found, 1.0 / norm)
    features[f"system={system}"] = 0.5
    features[f"depth={min(depth, 12)}"] = 0.3
    features["log size"] = math.log1p(len(conclusion)) / 8
    features["log hypotheses"] = math.log1p(len(hypotheses)) / 4
    features[f"size={round(math.log2(len(conclusion) + 1))}"] = 0.5
    return features


def clause_features(problem: str, candidate: str) -> dict[str, float]:
    """Return what a candidate invariant has to do with its program: how it is made, and what both name.

    Names and numbers count only by where they stand in the program, so that what is learnt holds in others.
    """
    mine = _TOKEN.findall(candidate)
    asserted = _named(_ASSERTED, problem)
    guarded = _named(_GUARDED, problem)
    everywhere = set(_TOKEN.findall(problem))
    names = {token for token in mine if token[0].isalpha() and token not in _KEYWORDS}
    numbers = {token for token in mine if token.isdigit()}
    signs = [token for token in mine if not token[0].isalnum()]
    features = {f"sign {sign}": 0.5 for sign in signs}
    features |= {f"signs {a} {b}": 0.3 for a, b in itertools.pairwise(signs)}
    features[f"names={min(len(names), 5)}"] = 0.5
    features[f"numbers={min(len(numbers), 5)}"] = 0.5
    features["size"] = math.log1p(len(mine)) / 4
    for what, others in (("asserted", asserted), ("guarded", guarded), ("anywhere", everywhere)):
        features[f"names {what}"] = len(names & others) / max(len(names), 1)
        features[f"numbers {what}"] = len(numbers & others) / max(len(numbers), 1)
        features[f"signs {what}"] = len(set(signs) & others) / max(len(set(signs)), 1)
        features[f"{what} missed"] = len({n for n in others if n[0].isalpha()} - names) / max(len(others), 1)
    said = ("".join(filter(None, found)) for found in _ASSERTED.findall(problem))
    features["asserted itself"] = float("".join(candidate.split()) in {"".join(text.split()) for text in said})
    return features


def _named(pattern: re.Pattern[str], text: str) -> set[str]:
    return {token for found in pattern.findall(text) for token in _TOKEN.findall("".join(found))}
