"""Lemmata: provers propose, checkers decide, every proof can be replayed.

The stable Python API is what this module exports; everything else may change between versions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from lemmata.api import prove, replay
    from lemmata.certificate import Certificate
    from lemmata.graph import ProofGraph

__all__ = ["Certificate", "ProofGraph", "__version__", "prove", "replay"]

_HOME = {
    "Certificate": "lemmata.certificate",
    "ProofGraph": "lemmata.graph",
    "prove": "lemmata.api",
    "replay": "lemmata.api",
}


def __getattr__(name: str) -> object:
    """Import an exported name when it is first used, so that `lemmata --help` stays quick."""
    if name not in _HOME:
        raise AttributeError(f"module 'lemmata' has no attribute {name!r}")
    import importlib

    value: object = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
