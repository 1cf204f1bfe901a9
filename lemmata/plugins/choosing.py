"""Which provers and critics work: those that the settings name, `NAME` or `NAME:MODEL`; or all that need no model."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemmata.errors import BackendMissing, UsageError
from lemmata.plugins import discovery

SYMBOLIC = "symbolic"
"""Stands for all provers that need no model."""
_ORDER = (
    "annotations",
    "atoms",
    "summaries",
    "polynomials",
    "segments",
    "segment-cases",
    "implications",
    "spacer",
    "smt-portfolio",
    "sampling",
    "abduction",
    "decision-trees",
)
"""Cheap provers go first; those not named here follow by name."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A prover, critic or ranker that was asked for."""

    name: str
    """How it is called in events, certificates and results."""
    entry: str
    """The name of its entry point."""
    model: str
    """Empty for one that needs none."""
    kind: Any
    """Its class."""
    group: str = discovery.PROVERS
    """Of its entry point."""

    @property
    def systems(self) -> tuple[str, ...]:
        """The proof systems that it works for; a critic that names none works for all."""
        return tuple(getattr(self.kind, "systems", ()))

    @property
    def target(self) -> str:
        """`module:Class`."""
        return discovery.target(self.group, self.entry)

    @property
    def ranks(self) -> bool:
        """Whether it orders what provers propose, instead of judging goals or proposing."""
        return hasattr(self.kind, "rate")

    @property
    def calibrated(self) -> bool:
        """Whether its estimates can be compared with those of the provers that need no model."""
        return bool(getattr(self.kind, "calibrated", False))

    def serves(self, system: str) -> bool:
        """Say whether it works for a proof system."""
        return system in self.systems or (self.group == discovery.CRITICS and not self.systems)


def choose(wanted: Sequence[str] | None) -> list[Chosen]:
    """Return the provers that are asked for, in the order in which they are to be asked.

    Args:
        wanted: `NAME`, `NAME:MODEL` or `symbolic`; None is every installed prover that needs no model.

    Raises:
        UsageError: there is no such prover, it needs a model, or it takes none.
        BackendMissing: one that was named needs something that is not installed.
    """
    known = discovery.available(discovery.PROVERS)
    installed = sorted(known, key=lambda n: (_ORDER.index(n) if n in _ORDER else len(_ORDER), n))
    found: dict[str, Chosen] = {}
    for word in [SYMBOLIC] if wanted is None else wanted:
        if word == SYMBOLIC:
            for name in installed:
                if (chosen := _without_model(name)) is not None:
                    found[chosen.name] = chosen
        else:
            chosen = _named(discovery.PROVERS, word, installed)
            found[chosen.name] = chosen
    return list(found.values())


def choose_critics(wanted: Sequence[str]) -> list[Chosen]:
    """Return the critics and rankers that are asked for, each `NAME` or `NAME:MODEL`.

    Raises:
        UsageError: there is no such critic, it needs a model, or it takes none; or there are two rankers.
        InputError: there is no such model.
        BackendMissing: one needs something that is not installed.
    """
    installed = list(discovery.available(discovery.CRITICS))
    chosen = [_named(discovery.CRITICS, word, installed) for word in dict.fromkeys(wanted)]
    rankers = [one.name for one in chosen if one.ranks]
    if len(rankers) > 1:
        raise UsageError(f"{' and '.join(rankers)} would order the same proposals", hint="name one of them")
    return chosen


def _without_model(name: str) -> Chosen | None:
    """Return a prover that needs no model; None for one that does, or whose libraries are not installed."""
    try:
        kind = discovery.load(discovery.PROVERS, name)
    except BackendMissing:
        return None
    # Some need no model and still work only where they are asked for, because of what they need or what they cost.
    apart = getattr(kind, "configured", False) or getattr(kind, "named_only", False)
    return None if apart else Chosen(name, name, "", kind)


def _named(group: str, word: str, installed: Sequence[str]) -> Chosen:
    what = discovery.singular(group)
    entry, _, model = word.partition(":")
    if entry not in installed:
        near = difflib.get_close_matches(entry, installed, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"installed are {', '.join(installed) or 'none'}"
        raise UsageError(f"there is no {what} {entry!r}", hint=hint)
    kind = discovery.load(group, entry)
    configured = bool(getattr(kind, "configured", False))
    if configured and not model:
        raise UsageError(f"the {what} {entry} needs a model", hint=f"say {entry}:MODEL")
    if model and not configured:
        raise UsageError(f"the {what} {entry} takes no model", hint=f"say {entry}")
    # A folder or a file is made absolute: the plugin works elsewhere.
    place = Path(model).expanduser() if configured else None
    if place is not None and place.exists():
        model = str(place.absolute())
    if configured and hasattr(kind, "check_model"):
        kind.check_model(model)
    return Chosen(word if configured else entry, entry, model, kind, group)
