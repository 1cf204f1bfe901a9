"""From the answers sampled for a goal to proposals: each step once, with an estimate, and where it comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lemmata.goal import GoalView
from lemmata.step import Proposal, Step
from provers.neural.extract import Candidate, candidates
from provers.neural.formats import Format

_RANK = 0.3
"""Price in nats of each place in a list that one answer gives."""
_SKETCH = 0.7
"""Price of a proof with a hole."""
_WORST = -60.0
_SMOOTHING = 1.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer of a model."""

    text: str
    log_probability: float | None = None
    """Of the whole answer, the sum over its tokens; None where the model does not say."""
    tokens: int = 0
    """Tokens of the answer; 0 where nobody counted."""
    prompt_tokens: int = 0
    complete: bool = True
    """Whether it came to its own end."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """What is known of this answer alone: the model's own name for itself, a revision, a seed."""


@dataclass(slots=True)
class _Found:
    candidate: Candidate
    sample: Sample
    answers: int = 1
    score: float = -math.inf


def proposals(
    samples: Sequence[Sample],
    form: Format,
    view: GoalView,
    prover: str,
    *,
    provenance: Mapping[str, Any],
    seconds: float = 0.0,
) -> list[Proposal]:
    """Turn answers into proposals, best first.

    A step that the model was asked for directly has the probability that the model gives it. For steps out of lists,
    and for whole proofs, whose probabilities say more about their length than about them, it is estimated from how many
    of the answers agree.

    Args:
        samples: what the model answered.
        form: how it was asked.
        view: the goal.
        prover: name of the prover.
        provenance: what holds for all answers: `model`, `sampling`, ...
        seconds: wall time that the answers took.
    """
    found: dict[tuple[str, ...], _Found] = {}
    paid: dict[int, int] = {}
    direct = form.answer in ("tactic", "line")
    for number, sample in enumerate(samples):
        for candidate in candidates(sample.text, form, view, complete=sample.complete):
            if not candidate.then and candidate.step.key in view.tried:
                continue
            key = tuple(step.key for step in (_normal(candidate.step), *map(_normal, candidate.then)))
            score = sample.log_probability if direct and sample.log_probability is not None else -math.inf
            known = found.get(key)
            if known is None:
                found[key] = _Found(candidate, sample, score=score)
                paid.setdefault(number, len(found) - 1)
            else:
                known.answers += 1
                known.score = max(known.score, score)
    owed = {place: samples[number].tokens for number, place in paid.items()}
    made = [
        _proposal(entry, len(samples), form, prover, provenance, seconds, owed.get(place, 0))
        for place, entry in enumerate(found.values())
    ]
    return sorted(made, key=lambda proposal: -proposal.log_probability)


def _normal(step: Step) -> Step:
    return Step(" ".join(step.text.split()), step.kind, step.parts)


def _proposal(
    entry: _Found,
    samples: int,
    form: Format,
    prover: str,
    provenance: Mapping[str, Any],
    seconds: float,
    tokens: int,
) -> Proposal:
    sample, candidate = entry.sample, entry.candidate
    likely = entry.score
    if not math.isfinite(likely):
        likely = math.log(entry.answers / (samples + _SMOOTHING)) - _RANK * candidate.rank
        likely -= _SKETCH if candidate.sketch else 0.0
    told: dict[str, Any] = {**provenance, **sample.provenance, "prompt": form.id}
    if sample.tokens:
        told |= {"completion_tokens": sample.tokens, "prompt_tokens": sample.prompt_tokens}
        if sample.log_probability is not None:
            told["log_probability_per_token"] = sample.log_probability / sample.tokens
    return Proposal(
        candidate.step,
        max(min(likely, 0.0), _WORST),
        prover,
        seconds,
        tokens,
        provenance=told,
        then=candidate.then,
        branches=candidate.branches,
    )
