"""Which provers work: those that the settings name, `NAME` or `NAME:MODEL`, or all that need no model."""

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
_ORDER = ("annotations", "atoms", "spacer", "smt-portfolio", "sampling")
"""Cheap provers go first; those not named here follow by name."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A prover that was asked for."""

    name: str
    """How it is called in events and certificates."""
    entry: str
    """The name of its entry point."""
    model: str
    """Empty for a prover that needs none."""
    kind: Any
    """Its class."""

    @property
    def systems(self) -> tuple[str, ...]:
        """The proof systems that it works for."""
        return tuple(self.kind.systems)

    @property
    def target(self) -> str:
        """`module:Class`."""
        return discovery.target(discovery.PROVERS, self.entry)


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
            chosen = _named(word, installed)
            found[chosen.name] = chosen
    return list(found.values())


def _without_model(name: str) -> Chosen | None:
    """Return a prover that needs no model; None for one that does, or whose libraries are not installed."""
    try:
        kind = discovery.load(discovery.PROVERS, name)
    except BackendMissing:
        return None
    # Some need no model and still work only where they are asked for, because of what they need or what they cost.
    apart = getattr(kind, "configured", False) or getattr(kind, "named_only", False)
    return None if apart else Chosen(name, name, "", kind)


def _named(word: str, installed: Sequence[str]) -> Chosen:
    entry, _, model = word.partition(":")
    if entry not in installed:
        near = difflib.get_close_matches(entry, installed, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"installed are {', '.join(installed) or 'none'}"
        raise UsageError(f"there is no prover {entry!r}", hint=hint)
    kind = discovery.load(discovery.PROVERS, entry)
    configured = bool(getattr(kind, "configured", False))
    if configured and not model:
        raise UsageError(f"the prover {entry} needs a model", hint=f"say {entry}:MODEL")
    if model and not configured:
        raise UsageError(f"the prover {entry} takes no model", hint=f"say {entry}")
    # A folder is made absolute: the prover works elsewhere.
    folder = Path(model).expanduser() if configured else None
    if folder is not None and folder.is_dir():
        model = str(folder.absolute())
    return Chosen(word if configured else entry, entry, model, kind)
